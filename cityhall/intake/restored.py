"""What a bus's memory says of our own shelf: a head or a number of ours that our log does not know is a loss."""

import logging
from typing import Final

from cityhall.intake.filing import Partners
from cityhall.mail import losses
from cityhall.mail.times import fiscal_year
from sync.ids import filing_parts
from sync.journal import Checkpoint, claimed_size
from sync.receipt import HallReceipt

log = logging.getLogger("madobus.intake")

NUMBERS_MARGIN: Final = losses.MARGIN


def known_size(partners: Partners, note: str) -> int:
    """Return the size the bus's head claims; raises OSError when a loss cannot be written down.

    A head under our own signature that our log does not extend is a loss: before anything else is filed, the
    numbers the lost shelf may have given out are left out. A head we did not sign moves nothing.
    """
    head = partners.countersigner.own_note(note, partners.register.bundle)
    if head is None:
        return claimed_size(note)
    if not _held(partners, head):
        _leave_numbers_out(partners, head)
    return head.size


def _held(partners: Partners, head: Checkpoint) -> bool:
    mail = partners.mail
    return head.size <= mail.log_size() and mail.log_root(head.size) == head.root


def heed_receipt(partners: Partners, told: HallReceipt) -> None:
    """Take a receipt of ours, for an envelope our log lacks, as a witness; raises OSError as `known_size` does.

    A bus that was in contact since the last loss has a head that tells nothing of the next one; its receipts do. Only a
    number above every one known tells of a loss that was not counted: old receipts, said again, cost no numbers.
    """
    known, number = partners.mail.witness(0).highest, filing_parts(told.filing_no)
    if not known or number > filing_parts(known):
        _leave_out(partners, number, told.log_index + 1)


def _leave_numbers_out(partners: Partners, head: Checkpoint) -> None:
    # No head of ours is without the line; of one that were, the size is at least as much.
    last = filing_parts(head.extra) if head.extra else (fiscal_year(partners.time.now()), head.size)
    _leave_out(partners, last, head.size)


def _leave_out(partners: Partners, last: tuple[int, int], size: int) -> None:
    """Leave numbers out beyond `last`, the year and number that a lost log of `size` leaves or more gave out."""
    this_year = fiscal_year(partners.time.now())
    told = [last] if last[0] == this_year else [last, (this_year, 0)]
    news = [partners.mail.skip_numbers(year, known, NUMBERS_MARGIN) for year, known in told]
    if any(news):
        # The backup that was put back is older than what the buses saw: a person has to know.
        log.error(
            "log.lost theirs=%d ours=%d skipped=%d",
            size,
            partners.mail.log_size(),
            NUMBERS_MARGIN,
        )

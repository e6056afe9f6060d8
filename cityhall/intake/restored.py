"""What a bus's remembered head says of our own shelf: a head of ours that our log does not hold is a loss."""

import logging
from typing import Final

from cityhall.intake.filing import Partners
from cityhall.mail import losses
from cityhall.mail.times import fiscal_year
from sync.ids import filing_parts
from sync.journal import Checkpoint, claimed_size

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


def _leave_numbers_out(partners: Partners, head: Checkpoint) -> None:
    this_year = fiscal_year(partners.time.now())
    # No head of ours is without the line; of one that were, the size is at least as much.
    year, known = filing_parts(head.extra) if head.extra else (this_year, head.size)
    told = [(year, known)] if year == this_year else [(year, known), (this_year, 0)]
    news = [partners.mail.skip_numbers(one, number, NUMBERS_MARGIN) for one, number in told]
    if any(news):
        # The backup that was put back is older than what the buses saw: a person has to know.
        log.error(
            "log.lost theirs=%d ours=%d skipped=%d",
            head.size,
            partners.mail.log_size(),
            NUMBERS_MARGIN,
        )

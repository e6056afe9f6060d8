"""What a bus's remembered head tells city hall of itself; nobody but city hall can say that it lost something."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cityhall.intake.commit import GroupCommit
from cityhall.intake.countersign import Countersigner
from cityhall.intake.filing import Partners
from cityhall.intake.register import Register
from cityhall.intake.restored import NUMBERS_MARGIN, heed_receipt, known_size
from cityhall.mail.store import HallMail
from cityhall.mail.times import fiscal_year
from sync.frames import LOG_ORIGIN
from sync.ids import filing_number
from sync.journal import checkpoint, read_checkpoint
from sync.keys import Signer
from sync.receipt import ARRIVED, HallReceipt
from tests.cityhall.intake.test_filing import NEW, OLD, StoodClock
from tests.support.makers import EPOCH, ROOT, make_bundle, make_envelope, make_signer
from tests.support.roots import bundle_text

STRANGER = make_signer(98)
YEAR = fiscal_year(EPOCH)


@pytest.fixture
def partners(tmp_path: Path) -> Iterator[Partners]:
    """An intake that filed one slip; its older key is in the bundle still."""
    bundle = replace(make_bundle(), countersigners=(OLD.public, NEW.public))
    (tmp_path / "bundle.json").write_text(bundle_text(bundle, ROOT))
    mail = HallMail(tmp_path / "mail")
    envelope = make_envelope(parts=[])
    mail.commit_slip(
        envelope.env_id,
        device="bus-07",
        slip=envelope.slip,
        header=envelope.header,
        sha256=bytes(32),
        at=EPOCH,
        receipt_for=lambda _number, _index: b"receipt",
    )
    register = Register(tmp_path / "bundle.json")
    yield Partners(mail, register, Countersigner(NEW, mail), GroupCommit(mail), StoodClock())
    mail.close()


def head(
    size: int,
    root: bytes = bytes(32),
    signer: Signer = NEW,
    *,
    origin: str = LOG_ORIGIN,
    number: str = filing_number(YEAR, 5),
) -> str:
    """Return a signed head of a log with another history than this hall's."""
    return checkpoint(origin, size, root, signer, number)


def test_a_head_of_our_own_log_is_no_loss(partners: Partners) -> None:
    """The newest one, and none at all."""
    note, _, _ = partners.countersigner.head(0)
    assert read_checkpoint(note, NEW.public).extra == filing_number(YEAR, 1)
    assert (known_size(partners, note), known_size(partners, "")) == (1, 0)
    assert partners.mail.losses() == 0


@pytest.mark.parametrize("signer", [OLD, NEW])
@pytest.mark.parametrize("size", [1, 9])
def test_a_head_of_a_longer_or_another_log_is_a_loss(
    partners: Partners, signer: Signer, size: int
) -> None:
    """Under any countersigner of the city; told twice it is one loss."""
    for _ in range(2):
        assert known_size(partners, head(size, signer=signer)) == size
    assert partners.mail.losses() == 1
    note, _, _ = partners.countersigner.head(0)
    number = read_checkpoint(note, NEW.public).extra
    assert number == filing_number(YEAR, 5 + NUMBERS_MARGIN)


def test_a_head_without_a_number_counts_by_its_size(partners: Partners) -> None:
    """Nine filings had at most number nine."""
    known_size(partners, head(9, number=""))
    note, _, _ = partners.countersigner.head(0)
    number = read_checkpoint(note, NEW.public).extra
    assert number == filing_number(YEAR, 9 + NUMBERS_MARGIN)


@pytest.mark.parametrize(
    "note",
    [
        head(9, signer=STRANGER),
        head(9, origin="madobus/other"),
        head(9).replace("\n9\n", "\n8\n"),
        "no note at all",
    ],
)
def test_fail__a_head_city_hall_did_not_sign_moves_nothing(partners: Partners, note: str) -> None:
    """A box that makes up a size costs no numbers."""
    assert known_size(partners, note) in {0, 8, 9}
    assert partners.mail.losses() == 0


def test_a_head_of_last_year_leaves_numbers_out_this_year_too(partners: Partners) -> None:
    """The lost shelf may have gone on after it; a second bus of last year tells nothing new."""
    for known in (7, 8):
        known_size(partners, head(9, number=filing_number(YEAR - 1, known)))
    note, _, _ = partners.countersigner.head(0)
    number = read_checkpoint(note, NEW.public).extra
    assert number == filing_number(YEAR, 1 + NUMBERS_MARGIN)


def test_the_office_sees_what_comes_after_a_loss(partners: Partners) -> None:
    """It may have read steps that are lost; the next one lies above them."""
    before = partners.mail.changed()
    known_size(partners, head(9))
    assert partners.mail.changed() == before + NUMBERS_MARGIN


def promise(number: int, year: int = YEAR) -> HallReceipt:
    """Return what city hall once told of a filing."""
    return HallReceipt(
        env_id=bytes(16),
        envelope_sha256=bytes(32),
        procedure="application",
        filing_no=filing_number(year, number),
        filed=EPOCH,
        not_before=EPOCH,
        received=EPOCH,
        log_index=0,
        stage=ARRIVED,
        key_id=NEW.key_id,
    )


def highest(partners: Partners) -> str:
    """Return the number above which the hall says that it gave none."""
    note, _, _ = partners.countersigner.head(0)
    return read_checkpoint(note, NEW.public).extra


def test_a_promise_of_an_unknown_number_is_a_loss_once(partners: Partners) -> None:
    """The others of the same loss lie below what is left out."""
    for number in (5, 4, 6, 5, NUMBERS_MARGIN):
        heed_receipt(partners, promise(number))
    assert partners.mail.losses() == 1
    assert highest(partners) == filing_number(YEAR, 5 + NUMBERS_MARGIN)


def test_a_promise_above_what_an_earlier_loss_left_out_is_another_loss(partners: Partners) -> None:
    """The backup was put back twice, with filings between."""
    for number in (5, NUMBERS_MARGIN + 6):
        heed_receipt(partners, promise(number))
    assert partners.mail.losses() == 2
    assert highest(partners) == filing_number(YEAR, 2 * NUMBERS_MARGIN + 6)


@pytest.mark.parametrize("told", [promise(1), promise(900, YEAR - 1)])
def test_promises_that_are_not_above_what_is_known_cost_no_number(
    partners: Partners, told: HallReceipt
) -> None:
    """A box may hand back old receipts as often as it likes."""
    heed_receipt(partners, told)
    assert partners.mail.losses() == 0


def test_a_promise_to_an_empty_shelf(tmp_path: Path, partners: Partners) -> None:
    """Last year's: the lost shelf may have gone on this year."""
    mail = HallMail(tmp_path / "empty")
    empty = replace(partners, mail=mail)
    for number in (7, 6):
        heed_receipt(empty, promise(number, YEAR - 1))
    # One loss of two years' numbers.
    assert mail.losses() == 2
    assert mail.witness(0).highest == filing_number(YEAR, NUMBERS_MARGIN)
    mail.close()


def test_numbers_end_with_the_year(partners: Partners) -> None:
    """However many losses, no number has a seventh digit."""
    assert partners.mail.skip_numbers(YEAR, 999_998, NUMBERS_MARGIN)
    note, _, _ = partners.countersigner.head(0)
    assert read_checkpoint(note, NEW.public).extra == filing_number(YEAR, 999_999)

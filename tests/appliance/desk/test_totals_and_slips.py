"""Control totals, and what receipts say."""

import io
from dataclasses import replace

import pytest

from appliance.desk.batch import regroup, with_application
from appliance.desk.codes import qr_svg
from appliance.desk.counter import Counter
from appliance.desk.display import initials, label_of, masked_number, shown
from appliance.desk.printing import print_slips
from appliance.desk.receipts import Issuer, batch_slip, minute_text
from appliance.desk.standing import look
from appliance.desk.totals import count
from procedures.definition import load
from sync.receipt import from_text, read_receipt
from tests.support.batches import PROOF, fed, fresh
from tests.support.counterworld import CounterWorld, settled
from tests.support.madeup_papers import front, stack

ISSUER = Issuer("盛岡市", "介護保険課", "019-000-0100", "bus-07", "receipt.example.jp")


def test_every_fed_sheet_has_its_place_in_the_totals() -> None:
    """Used, blank, aside, repeated and loose add up to fed."""
    batch = fed("form_front", "blank", "other", "other", "form_front", declared=1)
    sheets = (
        *batch.sheets[:3],
        replace(batch.sheets[3], aside=True),
        replace(batch.sheets[4], twice="#1"),
    )
    batch = regroup(replace(batch, sheets=sheets), [[1]], fresh)
    totals = count(batch, {})
    assert (totals.used, totals.blank, totals.aside, totals.repeated, totals.loose) == (1,) * 5
    assert (totals.fed, totals.balanced) == (5, False)


def test_a_missing_application_is_a_named_gap() -> None:
    """Declared three, found one: two are missing."""
    batch = regroup(fed("form_front", declared=3), [[1]], fresh)
    assert count(batch, {}).gap == -2


def test_people_whose_sheets_were_filed_before_count_as_found() -> None:
    """A stack fed again is no gap: its people are known."""
    batch = fed("form_front", "form_back", declared=1)
    batch = replace(batch, sheets=tuple(replace(s, twice="e1") for s in batch.sheets))
    totals = count(batch, {})
    assert (totals.found, totals.twice, totals.gap) == (1, 1, 0)


@pytest.mark.parametrize(
    ("state", "kept", "arrived", "complete"),
    [("kept", 1, 0, 0), ("sending", 1, 0, 0), ("arrived", 1, 1, 0), ("complete", 1, 1, 1)],
)
def test_the_totals_follow_the_road(state: str, kept: int, arrived: int, complete: int) -> None:
    """What city hall has is counted by the shelf's own words."""
    batch = regroup(fed("form_front", declared=1), [[1]], fresh)
    item = replace(batch.applications[0], handed=PROOF)
    totals = count(with_application(batch, item), {item.env_id: state})
    assert (totals.kept, totals.arrived, totals.complete) == (kept, arrived, complete)


def test_receipts_show_the_last_four_digits_only() -> None:
    """Six stars and four digits."""
    assert masked_number("0012345601") == "******5601"


def test_receipts_show_the_first_sound_of_each_name() -> None:
    """Enough to sort slips by, not enough to know whose they are."""
    assert initials("タカサキ　ヨシオ") == "タ.ヨ."
    assert initials("") == ""


def test_times_stand_in_the_japanese_calendar() -> None:
    """The era's date and the minute in Japan."""
    assert minute_text("2026-08-25T03:00:00+00:00", "ja") == "令和8年8月25日 12:00"
    assert minute_text("2026-08-25T03:00:00+00:00", "en") == "25 Aug 2026 12:00"


def test_codes_and_dates_are_shown_as_words() -> None:
    """Nobody has to know that 23 means care level 3."""
    form = load("care-renewal")
    assert shown(form.field("prev_result"), "23", "ja") == "要介護3"
    assert shown(form.field("birth_date"), "1937-12-25", "ja") == "昭和12年12月25日"
    assert shown(form.field("birth_date"), "読めない", "ja") == "読めない"
    assert label_of(form, "form_back", "ja") == "申請書（裏面）"
    assert label_of(form, "nothing", "ja") == "nothing"


async def handed(world: CounterWorld, counter: Counter, sheets: list[bytes]) -> None:
    """Hand a stack in as it is."""
    tray = counter.on_tray()
    await tray.declare(2, "")
    world.scanner.stack = list(sheets)
    await tray.feed()
    await settled(counter)
    await tray.hand_in(counter.stop_here(), protective=True)


async def test_the_slip_says_what_is_missing_and_where_the_card_is(
    world: CounterWorld, counter: Counter
) -> None:
    """The batch's receipt carries counts, defects and bags."""
    await handed(world, counter, [*stack(1), front(2)])
    visit = counter.opened()
    slip = batch_slip(
        visit,
        visit.current(),
        await look(counter.partners.mail, visit.current()),
        counter.partners.procedure,
        ISSUER,
    )
    one, two = slip.people
    assert (one.bag, one.defects, two.bag) == ("1", (), "")
    assert {label for label, _ in two.defects} >= {"申請書（裏面）", "介護保険被保険者証"}
    assert (slip.totals.handed_in, slip.officer, slip.arrived) == (2, "工藤　真", False)


async def test_the_code_on_the_slip_is_the_signed_receipt(
    world: CounterWorld, counter: Counter
) -> None:
    """What the QR carries verifies under the city's bundle, without a network."""
    await handed(world, counter, stack(1, 2))
    visit = counter.opened()
    slip = batch_slip(
        visit,
        visit.current(),
        await look(counter.partners.mail, visit.current()),
        counter.partners.procedure,
        ISSUER,
    )
    told = read_receipt(from_text(slip.people[0].address), world.bundle())
    assert told.env_id.hex() == visit.current().applications[0].env_id


async def test_the_printed_slip_has_a_page_more_than_half_the_people(
    world: CounterWorld, counter: Counter
) -> None:
    """One page for the batch, then two people a page."""
    await handed(world, counter, stack(1, 2, 3))
    visit = counter.opened()
    slip = batch_slip(
        visit,
        visit.current(),
        await look(counter.partners.mail, visit.current()),
        counter.partners.procedure,
        ISSUER,
    )
    data = print_slips(replace(slip, copy=True))
    assert data.startswith(b"%PDF-")
    assert data.count(b"/Type /Page\n") + data.count(b"/Type /Page ") in (0, 3)


def test_the_picture_of_a_code_has_a_name_for_those_who_cannot_see_it() -> None:
    """The SVG carries its title."""
    drawn = qr_svg("https://receipt.example.jp/r#abc", label="受付番号 1")
    assert "<title>受付番号 1</title>" in drawn
    assert io.StringIO(drawn).read().startswith("<svg")

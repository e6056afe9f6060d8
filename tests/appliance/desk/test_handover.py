"""Records, filing policy and receipts of the handover."""

from dataclasses import replace
from datetime import timedelta

import pytest

from appliance.desk.batch import add_sheet
from appliance.desk.recording import (
    Stop,
    arrival_reason,
    filing_policy,
    make_filing,
    make_record,
)
from appliance.desk.sheets import Sheet
from sync.clock import ClockQuality
from sync.errors import LocalError
from tests.support.batches import application, empty, fed, flaw
from tests.support.counterworld import NOON, HandClock

STOP = Stop("R8-08-25", "kitakami", "0370101234", "きたかみ", "S-014", designated_counter=True)


@pytest.mark.parametrize(
    ("designated", "officer", "quality", "doubt", "reason"),
    [
        (True, "S-014", ClockQuality.SYNCED, 1, ""),
        (True, "S-014", ClockQuality.HOLDOVER, 600, ""),
        (True, "S-014", ClockQuality.HOLDOVER, 601, "clock"),
        (True, "S-014", ClockQuality.UNSYNCED, 1, "clock"),
        (True, "", ClockQuality.SYNCED, 1, "officer"),
        (False, "S-014", ClockQuality.SYNCED, 1, "run"),
    ],
)
def test_the_bus_fixes_the_date_only_as_a_designated_counter(
    *, designated: bool, officer: str, quality: ClockQuality, doubt: int, reason: str
) -> None:
    """Designation, an officer and a sound clock are needed, all three; what lacks is named."""
    stop = Stop("r", "s", "p", "n", officer, designated)
    assert arrival_reason(stop, quality, doubt) == reason
    policy = filing_policy(stop, quality, doubt)
    assert policy == ("city_arrival" if reason else "bus_receipt")


def test_a_form_or_a_city_may_leave_the_date_to_the_arrival() -> None:
    """What the city decided goes before everything else, and its version stands in the record."""
    stop = replace(STOP, fixes_date=False, policy_version="2026-04-01")
    filing = make_filing(stop, HandClock().now(), NOON)
    assert (filing.policy, filing.policy_version) == ("city_arrival", "2026-04-01")
    assert arrival_reason(stop, ClockQuality.SYNCED, 1) == "decided"


def test_a_clock_behind_the_citys_word_is_moved_up_and_doubted() -> None:
    """The hand-in is never earlier than what city hall has attested; the error says how far off."""
    floor = NOON + timedelta(minutes=5)
    filing = make_filing(STOP, HandClock().now(), floor)
    assert (filing.handed_in_at, filing.uncertainty_s) == (floor, 301)


def test_a_sound_clock_is_taken_as_it_is() -> None:
    """Whole seconds of the box's own clock."""
    filing = make_filing(STOP, HandClock().now(), NOON - timedelta(days=1))
    assert (filing.handed_in_at, filing.uncertainty_s) == (NOON, 1)


def test_the_record_says_what_is_missing_in_japanese() -> None:
    """City hall reads the deficiency as the person did."""
    item = replace(application(1, name="工藤"), flaws=(flaw("block"),))
    batch = fed("form_front")
    record = make_record(
        item, batch, STOP, make_filing(STOP, HandClock().now(), NOON), batch.sheets
    )
    assert [defect.sentence for defect in record.defects] == ["ありません。"]
    assert (record.batch_declared, record.run) == (3, "R8-08-25")


def test_fail__a_sheet_that_is_not_read() -> None:
    """An unread sheet can never be sealed."""
    batch = add_sheet(empty(), Sheet(1, "00" * 32, "image/jpeg", 300))
    with pytest.raises(LocalError, match="not read"):
        make_record(
            application(1), batch, STOP, make_filing(STOP, HandClock().now(), NOON), batch.sheets
        )

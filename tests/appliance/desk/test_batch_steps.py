"""The pure steps of a batch."""

from dataclasses import replace

import pytest

from appliance.desk import batch as steps
from appliance.desk.application import confirm
from appliance.desk.batch import DECLARED_MAX, SHEETS_MAX, Phase
from appliance.desk.sheets import Sheet
from sync.errors import LocalError
from tests.support.batches import PROOF, empty, fed, fresh


def test_a_batch_begins_declared() -> None:
    """Before a sheet is fed the batch stands at its declaration."""
    assert empty().phase is Phase.DECLARED


def test_a_marked_batch_is_feeding() -> None:
    """The feeding mark alone makes the phase, also before the first sheet."""
    assert replace(empty(), feeding=True).phase is Phase.FEEDING


def test_a_batch_with_an_unread_sheet_is_reading() -> None:
    """One sheet that is not read keeps the batch in reading."""
    batch = steps.add_sheet(fed("form_front"), Sheet(2, "ff", "image/jpeg", 300))
    assert batch.phase is Phase.READING


def test_a_grouped_batch_is_checking() -> None:
    """Once grouped, a person looks at it."""
    assert steps.regroup(fed("form_front"), [[1]], fresh).phase is Phase.CHECKING


def test_a_batch_is_handed_in_when_all_its_applications_are() -> None:
    """The last application makes the batch handed in."""
    batch = steps.regroup(fed("form_front", "form_front"), [[1], [2]], fresh)
    one, two = batch.applications
    batch = steps.with_application(batch, replace(one, handed=PROOF))
    assert batch.phase is Phase.CHECKING
    assert steps.with_application(batch, replace(two, handed=PROOF)).phase is Phase.HANDED_IN


def test_changing_the_count_keeps_the_old_one_with_its_reason() -> None:
    """Control totals start at the first declaration; a change is added, never overwritten."""
    batch = steps.declare(empty(12), 11, "数え直した")
    assert [each.count for each in batch.declarations] == [12, 11]
    assert batch.declarations[-1].reason == "数え直した"


def test_declaring_the_same_count_again_changes_nothing() -> None:
    """The same press twice is one press."""
    batch = empty(12)
    assert steps.declare(batch, 12) is batch


@pytest.mark.parametrize("number", [0, -1, DECLARED_MAX + 1])
def test_fail__a_count_outside_its_bounds(number: int) -> None:
    """A batch has at least one application and a named most."""
    with pytest.raises(LocalError, match="1 to 60"):
        steps.declare(empty(), number)


def test_ok__the_largest_count() -> None:
    """The limit itself is allowed."""
    assert steps.declare(empty(), DECLARED_MAX).declared == DECLARED_MAX


def test_fail__a_sheet_out_of_order() -> None:
    """Sheet numbers run without a gap."""
    with pytest.raises(LocalError, match="sheet 1 is next"):
        steps.add_sheet(empty(), Sheet(2, "ff", "image/jpeg", 300))


def test_fail__one_sheet_beyond_the_limit() -> None:
    """The limit holds; one more is refused."""
    full = replace(empty(), sheets=(Sheet(1, "ff", "image/jpeg", 300),) * SHEETS_MAX)
    with pytest.raises(LocalError, match="at most"):
        steps.add_sheet(full, Sheet(SHEETS_MAX + 1, "ff", "image/jpeg", 300))


def test_a_blank_sheet_steps_aside_by_itself() -> None:
    """A blank side belongs to nobody and asks nobody."""
    batch = fed("form_front", "blank")
    assert [sheet.aside for sheet in batch.sheets] == [False, True]


def test_what_no_group_holds_is_loose() -> None:
    """No sheet is dropped in silence."""
    batch = steps.regroup(fed("form_front", "other", "blank"), [[1]], fresh)
    assert [sheet.number for sheet in batch.loose()] == [2]


def test_grouping_again_keeps_an_applications_identity() -> None:
    """More sheets join the application that is there; its ids stay."""
    batch = steps.regroup(fed("form_front", "form_back", "insurance_card"), [[1, 2]], fresh)
    again = steps.regroup(batch, [[1, 2, 3]], fresh)
    assert [item.app_id for item in again.applications] == [batch.applications[0].app_id]
    assert again.applications[0].sheets == (1, 2, 3)


def test_an_application_that_gains_a_sheet_must_be_looked_at_again() -> None:
    """A confirmation counts for the sheets that were there."""
    batch = steps.regroup(fed("form_front", "form_back"), [[1]], fresh)
    batch = steps.with_application(batch, confirm(batch.applications[0]))
    assert steps.regroup(batch, [[1]], fresh).applications[0].confirmed
    assert not steps.regroup(batch, [[1, 2]], fresh).applications[0].confirmed


def test_applications_stand_in_the_order_of_their_sheets() -> None:
    """Position 1 is who lay on top of the stack."""
    batch = steps.regroup(fed(*["form_front"] * 3), [[3], [1], [2]], fresh)
    assert [(item.position, item.sheets) for item in batch.applications] == [
        (1, (1,)),
        (2, (2,)),
        (3, (3,)),
    ]


def test_a_moved_sheet_stays_where_a_person_put_it() -> None:
    """The machine's next grouping does not take it back."""
    batch = steps.regroup(fed("form_front", "insurance_card", "form_front"), [[1, 2], [3]], fresh)
    target = batch.applications[1].app_id
    moved = steps.regroup(steps.place(batch, 2, target, fresh), [[1, 2], [3]], fresh)
    assert [item.sheets for item in moved.applications] == [(1,), (2, 3)]


def test_a_sheet_may_become_an_application_of_its_own() -> None:
    """A form nobody recognised is still somebody's application."""
    batch = steps.regroup(fed("form_front", "other"), [[1]], fresh)
    moved = steps.regroup(steps.place(batch, 2, "new", fresh), [[1]], fresh)
    assert [item.sheets for item in moved.applications] == [(1,), (2,)]
    again = steps.regroup(moved, [[1]], fresh)
    assert [item.app_id for item in again.applications] == [
        item.app_id for item in moved.applications
    ]


def test_the_only_sheet_of_a_new_application_leaves_no_shell_behind() -> None:
    """An application without a sheet is no application."""
    batch = steps.regroup(fed("form_front", "insurance_card"), [[1], [2]], fresh)
    moved = steps.place(batch, 2, batch.applications[0].app_id, fresh)
    assert len(steps.regroup(moved, [[1], [2]], fresh).applications) == 1


def test_a_sheet_put_aside_is_neither_used_nor_loose() -> None:
    """Aside means given back."""
    batch = steps.regroup(steps.place(fed("other"), 1, "aside", fresh), [], fresh)
    assert (batch.loose(), batch.applications) == ((), ())


def test_a_sheet_taken_back_from_aside_is_used_again() -> None:
    """A person may think again."""
    batch = steps.place(fed("form_front", "other"), 2, "aside", fresh)
    batch = steps.regroup(batch, [[1]], fresh)
    batch = steps.place(batch, 2, batch.applications[0].app_id, fresh)
    assert steps.regroup(batch, [[1]], fresh).applications[0].sheets == (1, 2)


def test_fail__a_handed_in_sheet_never_moves() -> None:
    """What was handed in never changes."""
    batch = steps.regroup(fed("form_front", "form_front"), [[1], [2]], fresh)
    one, two = batch.applications
    batch = steps.with_application(batch, replace(one, handed=PROOF))
    with pytest.raises(LocalError, match="never moves"):
        steps.place(batch, 1, two.app_id, fresh)
    with pytest.raises(LocalError, match="never changes"):
        steps.place(batch, 2, one.app_id, fresh)


def test_handed_in_sheets_are_out_of_the_next_grouping() -> None:
    """A late page of the same person makes a new application, not a changed one."""
    batch = steps.regroup(fed("form_front", "insurance_card"), [[1]], fresh)
    done = replace(batch.applications[0], handed=PROOF)
    batch = steps.regroup(steps.with_application(batch, done), [[1, 2]], fresh)
    assert [item.sheets for item in batch.applications] == [(1,), (2,)]
    assert batch.applications[0] == done


def test_fail__an_unknown_sheet_or_application() -> None:
    """Asking for what is not there is our own mistake and says so."""
    with pytest.raises(LocalError, match="never fed"):
        fed("form_front").sheet(2)
    with pytest.raises(LocalError, match="no such application"):
        empty().application("00")

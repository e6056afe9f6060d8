"""Conditions: what a form file may ask about other answers."""

import pytest

from procedures.conditions import Condition, all_hold, read_conditions
from procedures.errors import ProcedureError
from procedures.grammar import Table

KEYS = ("kind", "reason")


@pytest.mark.parametrize(
    ("condition", "answers", "holds"),
    [
        (Condition("kind", one_of=("1", "2")), {"kind": "2"}, True),
        (Condition("kind", one_of=("1", "2")), {"kind": "3"}, False),
        (Condition("kind", one_of=("1", "2")), {}, False),
        (Condition("kind", none_of=("1",)), {"kind": "2"}, True),
        (Condition("kind", none_of=("1",)), {"kind": "1"}, False),
        (Condition("kind", none_of=("1",)), {}, False),
        (Condition("kind", none_of=("1",)), {"kind": ""}, False),
        (Condition("kind", begins=("H", "39")), {"kind": "H123"}, True),
        (Condition("kind", begins=("H", "39")), {"kind": "3912"}, True),
        (Condition("kind", begins=("H", "39")), {"kind": "1H39"}, False),
        (Condition("kind", begins=("H",)), {}, False),
        (Condition("kind", begins_not=("H",)), {"kind": "123"}, True),
        (Condition("kind", begins_not=("H",)), {"kind": "H123"}, False),
        (Condition("kind", begins_not=("H",)), {}, False),
        (Condition("kind", empty=True), {}, True),
        (Condition("kind", empty=True), {"kind": ""}, True),
        (Condition("kind", empty=True), {"kind": "1"}, False),
        (Condition("kind", empty=False), {"kind": "1"}, True),
        (Condition("kind", empty=False), {}, False),
    ],
)
def test_holds(condition: Condition, answers: dict[str, str], holds: bool) -> None:  # noqa: FBT001 -- a table's column
    """Each test of a condition looks at one answer; an unanswered field is in no list."""
    assert condition.holds(answers) is holds


def test_all_hold_of_none() -> None:
    """No condition is always met."""
    assert all_hold((), {})


def test_all_hold_needs_every_one() -> None:
    """Conditions are joined by and."""
    pair = (Condition("kind", one_of=("1",)), Condition("reason", empty=True))
    assert all_hold(pair, {"kind": "1"})
    assert not all_hold(pair, {"kind": "1", "reason": "x"})


@pytest.mark.parametrize(
    ("entry", "condition"),
    [
        ({"field": "kind", "is": ["1"]}, Condition("kind", one_of=("1",))),
        ({"field": "kind", "is_not": ["1", "2"]}, Condition("kind", none_of=("1", "2"))),
        ({"field": "kind", "begins": ["H"]}, Condition("kind", begins=("H",))),
        ({"field": "kind", "begins_not": ["H"]}, Condition("kind", begins_not=("H",))),
        ({"field": "reason", "empty": True}, Condition("reason", empty=True)),
        ({"field": "reason", "empty": False}, Condition("reason", empty=False)),
    ],
)
def test_ok__read(entry: dict[str, object], condition: Condition) -> None:
    """A condition is read from a small table."""
    assert read_conditions(Table({"when": [entry]}, "f"), "when", KEYS) == (condition,)


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"field": "kind"}, "exactly one of is, is_not, begins"),
        ({"field": "kind", "is": ["1"], "empty": True}, "exactly one of is, is_not, begins"),
        ({"field": "kind", "is": []}, "exactly one of is, is_not, begins"),
        ({"field": "kin", "is": ["1"]}, "did you mean 'kind'"),
        ({"is": ["1"]}, "required"),
        ({"field": "kind", "is": "1"}, "list of texts"),
        ({"field": "kind", "equals": ["1"]}, "not known"),
    ],
)
def test_fail__read(entry: dict[str, object], words: str) -> None:
    """A condition that cannot be understood is named with its place."""
    with pytest.raises(ProcedureError, match=words) as caught:
        read_conditions(Table({"when": [entry]}, "f"), "when", KEYS)
    assert caught.value.place.startswith("f.when[1]")


def test_no_conditions() -> None:
    """Without the key there is no condition."""
    assert read_conditions(Table({}, "f"), "when", KEYS) == ()

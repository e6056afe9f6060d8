"""Generated stacks: nothing is given to another person without asking for a look."""

import pytest

from tests.support.stacks import judge, make

STACKS, GROUPS = 60, 5


@pytest.mark.parametrize("group", range(GROUPS))
def test_no_side_is_given_to_another_person_in_silence(group: int) -> None:
    """Papers out of order, two fed as one, stops, namesakes, marks that were not read: every doubt is told."""
    seeds = range(group * STACKS, (group + 1) * STACKS)
    assert [fact for seed in seeds for fact in judge(make(seed)).silent] == []


def test_every_side_has_its_place() -> None:
    """Placed with a person, loose, or an empty side put aside: none is dropped."""
    for seed in range(STACKS):
        stack = make(seed)
        found = judge(stack)
        blank = sum(page.kind == "blank" for page in stack.pages)
        assert found.placed + found.loose + blank == found.sides

"""docs/threats.md: twenty rows, each with tests that are there, or with plain words that its defence is not."""

import pytest

from tests.support.threat_table import Threat, functions, threats
from tests.support.tree import ROOT

ROWS = threats()


def test_the_twenty_rows_are_there() -> None:
    """T1 to T20, in order."""
    assert [row.number for row in ROWS] == [f"T{n}" for n in range(1, 21)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_a_row_names_tests_or_says_not_yet(row: Threat) -> None:
    """One of both, never none; a row that is not yet defended says what is missing."""
    assert bool(row.tests) is not row.is_open
    assert row.threat
    assert row.done
    assert row.missing or not row.is_open


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_every_named_test_exists(row: Threat) -> None:
    """The file is there, and has a function of that name."""
    missing = [
        f"{file}::{name}"
        for file, name in row.tests
        if not (ROOT / file).is_file() or name not in functions(ROOT / file)
    ]
    assert missing == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_every_named_place_exists(row: Threat) -> None:
    """The file or page that is said to do it."""
    assert [place for place in row.places if not (ROOT / place).is_file()] == []

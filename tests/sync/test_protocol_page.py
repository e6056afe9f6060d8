"""docs/protocol.md says what the code does: numbers, names, limits, vectors, states."""

import importlib
import re
from pathlib import Path

import pytest

from sync.frames import FRAMES, LOG_ORIGIN, Refuse
from sync.refusals import Refused
from sync.states import TABLE, Role, State
from tests.sync.test_frames import VECTORS

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")
LIMITS = re.findall(r"^\| `([A-Z_]+)` \| sync/(\w+)\.py \| ([\d,]+)", PAGE, re.MULTILINE)


def test_every_refusal_stands_on_the_page_with_its_number() -> None:
    """And no other does."""
    found = re.findall(r"^\| (\d{3}) \| ([A-Z_]+) \|", PAGE, re.MULTILINE)
    assert {(int(number), name) for number, name in found} == {
        (code.value, code.name) for code in Refused
    }


def test_every_frame_stands_on_the_page_with_its_number() -> None:
    """In the order of their numbers."""
    found = re.findall(r"^\| (\d+) \| ([A-Z]+) \| (?:bus|hall|both) \|", PAGE, re.MULTILINE)
    assert found == [(str(kind.NUMBER), kind.__name__.upper()) for kind in FRAMES]


@pytest.mark.parametrize(("name", "module", "value"), LIMITS)
def test_a_limit_on_the_page_is_the_one_in_the_code(name: str, module: str, value: str) -> None:
    """Whoever changes one changes the other."""
    assert getattr(importlib.import_module(f"sync.{module}"), name) == int(value.replace(",", ""))


def test_there_are_limits_on_the_page() -> None:
    """The table above is found at all."""
    assert len(LIMITS) > 10


@pytest.mark.parametrize("written", [written for _, written in VECTORS])
def test_the_vectors_stand_on_the_page(written: str) -> None:
    """Byte for byte."""
    assert f"`{written}`" in PAGE


@pytest.mark.parametrize("state", list(State))
def test_the_table_of_states_is_the_one_in_the_code(state: State) -> None:
    """Who may say what, in each state."""
    [row] = re.findall(rf"^\| {state.name} \|(.*)\|(.*)\|$", PAGE, re.MULTILINE)
    for role, cell in zip((Role.BUS, Role.HALL), row, strict=True):
        allowed = {
            kind.__name__.upper()
            for kind in FRAMES
            if kind is not Refuse and (role, state, kind) in TABLE
        }
        assert {word.strip() for word in cell.split(",") if word.strip()} == allowed


def test_the_logs_name_stands_on_the_page() -> None:
    """A verifier needs it."""
    assert f"`{LOG_ORIGIN}`" in PAGE

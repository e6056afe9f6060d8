"""Frozen vectors: our code and a reader without our code say the same of every one, word for word."""

import re
from pathlib import Path

import pytest

from sync import chain
from tests.support import second_reader
from tests.vectors import make, our_reading, second_reading
from tests.vectors.bricks import HEADER, MALFORMED, NO_MATCH, PAYLOAD, SIGNATURE
from tests.vectors.recipe import plain
from tests.vectors.shelves import HERE, Vector, vectors

ROOMS = {"sync", "keeping", "appliance", "cityhall", "provisioning", "tests"}
ALL = list(vectors())
KINDS = sorted({one.what for one in ALL})


def of_kind(what: str) -> list[Vector]:
    """Return the vectors of one kind of thing."""
    return [one for one in ALL if one.what == what]


@pytest.mark.parametrize("what", KINDS)
def test_ok__our_code_agrees_with_every_vector(what: str) -> None:
    """The value that comes out, or the word of the failure, is the frozen one."""
    said = {f"{one.shelf}: {one.name}": our_reading.outcome(one) for one in of_kind(what)}
    assert said == {f"{one.shelf}: {one.name}": one.outcome() for one in of_kind(what)}


@pytest.mark.parametrize("what", KINDS)
def test_ok__the_second_reader_agrees_with_every_vector(what: str) -> None:
    """A reader written from docs/envelope.md alone opens and refuses the same, with the same words."""
    said = {f"{one.shelf}: {one.name}": second_reading.outcome(one) for one in of_kind(what)}
    assert said == {f"{one.shelf}: {one.name}": one.outcome() for one in of_kind(what)}


def test_ok__the_journal_has_one_reading() -> None:
    """The quick reader takes and refuses the same entries as the strict one."""
    for one in of_kind("entry"):
        try:
            found = {"values": plain(chain.read_entry(one.data()))}
        except ValueError:
            found = {}
        assert found.get("values") == (one.gives or {}).get("values"), one.name


def test_ok__there_are_vectors_of_every_word() -> None:
    """At least two hundred in all, each failure among them, none without a name of its own."""
    assert len(ALL) >= 200
    assert {one.fails for one in ALL} == {None, HEADER, SIGNATURE, NO_MATCH, PAYLOAD, MALFORMED}
    assert len({(one.shelf, one.name) for one in ALL}) == len(ALL)


def test_ok__the_maker_still_makes_the_same_vectors() -> None:
    """Names, kinds and failures of the files are those the maker would write today."""
    made = {
        (shelf.name, one["name"]): (one["what"], one.get("fails"))
        for shelf in (maker() for maker in make.MAKERS)
        for one in shelf.vectors
    }
    assert made == {(one.shelf, one.name): (one.what, one.fails) for one in ALL}


def test_ok__the_files_stay_small() -> None:
    """All vectors together have less than two megabytes."""
    assert sum(path.stat().st_size for path in HERE.glob("*.json")) < 2_000_000


def test_ok__the_second_reader_has_nothing_of_our_code() -> None:
    """Neither it nor what leads the vectors to it imports a room of the house."""
    files = [*Path(second_reader.__file__).parent.glob("second_*.py"), HERE / "recipe.py"]
    files += [HERE / "second_reading.py", HERE / "shelves.py"]
    for path in files:
        text = path.read_text(encoding="utf-8")
        found = set(re.findall(r"^(?:from|import) ([\w.]+)", text, re.MULTILINE))
        foreign = ("tests.support", "tests.vectors.recipe", "tests.vectors.shelves", "cryptography")
        assert {
            one for one in found if not one.startswith(foreign) and one.split(".")[0] in ROOMS
        } == set()

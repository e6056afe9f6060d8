"""What the mutation run changes and what it leaves alone."""

from pathlib import Path

import pytest

pytest.importorskip("cosmic_ray", reason="needs cosmic-ray, a development package")

from tests.mutation.mutants import drawn, judges_of

SOURCE = """
Both = int | str

def longer(a: int | None, b: int = 2) -> int | None:
    return a + b if a < b else None
"""


def test_ok__every_kind_of_change_has_one_mutant_a_place() -> None:
    """The sum, the comparison and the number are changed once each; the types not at all."""
    found = [one.code(SOURCE) or "" for one in drawn("m", SOURCE, 1)]
    assert all("int | None" in code and "int | str" in code for code in found)
    assert sum("a + b" not in code for code in found) == 1
    assert sum("b: int = 2" not in code for code in found) >= 1


def test_ok__the_same_seed_draws_the_same() -> None:
    """A score can be repeated."""
    assert drawn("m", SOURCE, 7) == drawn("m", SOURCE, 7)


def test_ok__a_module_is_judged_by_its_own_tests() -> None:
    """Its own file where there is one, else those that import it."""
    tests = Path(__file__).parents[1] / "sync"
    assert judges_of(Path("sync/seal.py"), tests) == [tests / "test_seal.py"]

"""What others published about the primitives and trees we rely on holds with the versions we run."""

import pytest

from tests.published.suites import SUITES, count


@pytest.mark.parametrize("name", SUITES)
def test_ok__a_published_suite_holds(name: str) -> None:
    """Every case comes out as published, or is one the library refuses by design."""
    found = count(name)
    assert found.wrong == ()
    assert found.cases > 0

"""sync.drawer: drafts at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.drawer import Drawer
from sync.errors import FailureKind, SealError

DRAWER = Drawer(bytes(range(32)))
DRAFT = DRAWER.close_up("sheet-7", b"plain words")


@given(st.binary(max_size=40_000))
def test_ok__a_draft_comes_back(plain: bytes) -> None:
    """What was closed up under a name opens under that name."""
    assert DRAWER.open("下書き", DRAWER.close_up("下書き", plain)) == plain


def test_ok__nothing_of_the_draft_shows() -> None:
    """Neither the draft nor its name stands in the sealed bytes, and no two sealings are equal."""
    assert b"plain" not in DRAFT
    assert b"sheet" not in DRAFT
    assert DRAWER.close_up("sheet-7", b"plain words") != DRAFT


def test_ok__the_key_does_not_show() -> None:
    """A drawer in a log line tells nothing."""
    assert repr(DRAWER) == "Drawer()"


@pytest.mark.parametrize(
    ("drawer", "name", "sealed"),
    [
        (DRAWER, "sheet-8", DRAFT),
        (Drawer(bytes(32)), "sheet-7", DRAFT),
        (DRAWER, "sheet-7", DRAFT[:-1]),
        (DRAWER, "sheet-7", DRAFT + b"x"),
        (DRAWER, "sheet-7", b""),
    ],
)
def test_fail__another_name_key_or_byte_is_a_payload_failure(
    drawer: Drawer, name: str, sealed: bytes
) -> None:
    """A draft cannot be swapped with another one."""
    with pytest.raises(SealError) as caught:
        drawer.open(name, sealed)
    assert caught.value.kind is FailureKind.PAYLOAD


@given(st.binary(max_size=200))
def test_fail__garbage_does_not_open(data: bytes) -> None:
    """Any bytes are a payload failure."""
    with pytest.raises(SealError):
        DRAWER.open("x", data)


@pytest.mark.parametrize("size", [0, 31, 33])
def test_fail__a_visit_key_has_thirty_two_bytes(size: int) -> None:
    """Another length is a ValueError."""
    with pytest.raises(ValueError, match="visit key has 32"):
        Drawer(bytes(size))


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_fail__a_name_has_a_length(name: str) -> None:
    """No name and too long a name are ValueErrors."""
    with pytest.raises(ValueError, match="1 to 255"):
        DRAWER.close_up(name, b"")

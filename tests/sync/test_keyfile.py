"""sync.keyfile: a key as a small text file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.keyfile import KINDS, TEXT_MAX, read_key, write_key

TEXT = write_key("signer", bytes(range(32)))


@pytest.mark.parametrize(("kind", "sizes"), KINDS.items())
def test_ok__every_kind_comes_back(kind: str, sizes: tuple[int, int]) -> None:
    """The shortest and the longest key of each kind survive the text."""
    for size in sizes:
        secret = bytes(n % 251 for n in range(size))
        assert read_key(write_key(kind, secret), kind) == secret


def test_ok__the_text_is_as_documented() -> None:
    """Title, base64, checksum, one line each."""
    assert (
        "madobus-key 1 signer\n"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
        f"check {TEXT.split()[-1]}\n"
    ) == TEXT


def test_ok__line_ends_and_spaces_do_not_matter() -> None:
    """A file that went through another editor still reads."""
    assert read_key("  " + TEXT.replace("\n", "\r\n  "), "signer") == bytes(range(32))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line"),
        (TEXT.replace("signer", "opening"), "first line"),
        (TEXT.replace("key 1", "key 2"), "first line"),
        (TEXT.replace("check", "chick"), "cut off"),
        (TEXT[:40], "cut off"),
        ("madobus-key 1 signer", "cut off"),
        (TEXT.replace("AAEC", "AAE*"), "base64"),
        (TEXT.replace("AAEC", "AAE水"), "ASCII"),
        (TEXT.replace("AAEC", "AAED"), "checksum"),
        (TEXT.replace("AAECAwQF", ""), "32 to 32 bytes"),
        (TEXT + " " * TEXT_MAX, "at most"),
    ],
)
def test_fail__a_damaged_file_says_what_is_wrong(text: str, said: str) -> None:
    """Every damage is a ValueError that names it."""
    with pytest.raises(ValueError, match=said):
        read_key(text, "signer")


def test_fail__kinds_and_lengths_are_closed() -> None:
    """An unknown kind or a wrong length is not written."""
    with pytest.raises(ValueError, match="none of"):
        write_key("password", bytes(32))
    with pytest.raises(ValueError, match="32 to 32"):
        write_key("signer", bytes(31))


def test_fail__an_unknown_kind_is_not_read() -> None:
    """Asking for a kind that does not exist is refused even when the file says the same."""
    with pytest.raises(ValueError, match="none of"):
        read_key(TEXT.replace("signer", "password"), "password")


@given(st.text(max_size=200))
def test_fail__garbage_is_a_value_error(text: str) -> None:
    """Any text after the title is refused with ValueError."""
    with pytest.raises(ValueError, match=r"key file|ASCII"):
        read_key("madobus-key 1 signer " + text, "signer")

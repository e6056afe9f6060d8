"""The one-time code in its two spellings, and the three words."""

import re

import pytest

from provisioning.joining.code import TYPED_SIGNS, Code, CodeError, make_code, read_code
from provisioning.joining.words import COUNT, shown, words_of

AT = "192.0.2.10:8445"
ROOT = '{"signed": "a root"}'


def bytes_of(count: int) -> bytes:
    """Draw what is no chance."""
    return bytes(range(count))


def test_ok__both_spellings_are_read_back() -> None:
    """The same code, its address beside the typed one."""
    for typed in (False, True):
        code = make_code(AT, ROOT, bytes_of, typed=typed)
        assert read_code(code.spelled(), AT) == code
        assert (code.fits(ROOT), code.fits(ROOT + " ")) == (True, False)


def test_ok__a_qr_code_takes_it_as_letters_and_digits() -> None:
    """Capitals, digits and the few signs that a QR code packs tightly (ISO/IEC 18004, alphanumeric mode)."""
    assert re.fullmatch(r"[0-9A-Z $%*+./:-]+", make_code(AT, ROOT, bytes_of).spelled())


def test_ok__a_typed_code_forgives_what_hands_and_eyes_confuse() -> None:
    """Small letters, full-width signs of an input method, O for 0, I and L for 1, other dashes, none at all."""
    code = make_code(AT, ROOT, bytes, typed=True)
    plain = code.spelled()
    wide = plain.translate({ord(one): ord(one) + 0xFEE0 for one in plain})
    for typed in (
        plain.lower(),
        wide,
        plain.replace("0", "O"),
        plain.replace("-", ""),
        f" {plain} ",
    ):
        assert read_code(typed, AT) == code
    assert read_code(plain.replace("-", "ー"), AT) == code


def test_ok__it_shows_itself_in_no_log() -> None:
    """Its repr is the address alone."""
    assert repr(make_code(AT, ROOT)) == f"Code({AT})"


def test_ok__an_address_of_version_six() -> None:
    """In brackets, as in a URL."""
    assert make_code("[2001:db8::1]:8445", ROOT).host_and_port() == ("2001:db8::1", 8445)


def test_fail__one_wrong_sign_is_noticed_before_it_costs_a_try() -> None:
    """Every sign changed to its neighbour."""
    spelled = make_code(AT, ROOT, bytes_of, typed=True).spelled().replace("-", "")
    assert len(spelled) == TYPED_SIGNS
    for at, sign in enumerate(spelled):
        other = "7" if sign != "7" else "8"
        with pytest.raises(CodeError, match="one sign"):
            read_code(spelled[:at] + other + spelled[at + 1 :], AT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "24 letters"),
        ("ABCD-EFGH", "24 letters"),
        ("U" * TYPED_SIGNS, "24 letters"),
        ("MADOBUS-ENROL:2:00", "cut short"),
        ("https://example.jp/", "24 letters"),
    ],
)
def test_fail__what_is_no_code(text: str, words: str) -> None:
    """The person is told what a code looks like."""
    with pytest.raises(CodeError, match=words):
        read_code(text, AT)


@pytest.mark.parametrize("address", ["", "hall", "hall:0", "hall:65536", "ha ll:1", "hall:1/x"])
def test_fail__what_is_no_address(address: str) -> None:
    """Host and port."""
    with pytest.raises(CodeError, match="HOST:PORT"):
        make_code(address, ROOT)


def test_fail__a_typed_code_without_its_address() -> None:
    """It has no room for one."""
    with pytest.raises(CodeError, match="--at"):
        read_code(make_code(AT, ROOT, typed=True).spelled())


def test_ok__every_byte_has_a_word_of_its_own() -> None:
    """256 words, and 256 ways to write them in letters."""
    words = {words_of(bytes([one] * COUNT))[0] for one in range(256)}
    assert len(words) == 256
    assert len({shown((word,)) for word in words}) == 256


def test_ok__words_stand_in_kana_and_in_letters() -> None:
    """A console without Japanese shows the letters."""
    assert shown(("さくら", "きつね")) == "さくら・きつね (sakura kitsune)"


def test_ok__a_code_is_drawn_anew() -> None:
    """Two codes share no token."""
    first, second = make_code(AT, ROOT), make_code(AT, ROOT)
    assert isinstance(first, Code)
    assert first.token != second.token

"""A receipt on paper: every byte comes back, nothing else is taken for one, and a host has its limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.address import BYTES_MAX, HOST_MAX, from_text, to_text

HOST = "v.example.jp"


def test_ok__what_the_receipt_says_stands_behind_the_mark() -> None:
    """The number is as long as the largest of so many bytes, also when the receipt begins with zeros."""
    assert to_text(b"\x00\x07", HOST) == f"https://{HOST}/r#00007"
    assert to_text(b"\xff\xff", "127.0.0.1:8443") == "https://127.0.0.1:8443/r#65535"


@given(st.binary(min_size=1, max_size=BYTES_MAX))
def test_ok__any_bytes_survive_the_text(data: bytes) -> None:
    """Every length comes back, white space around the text does not matter."""
    assert from_text(f"  {to_text(data, HOST)}\n") == data


@pytest.mark.parametrize("host", ["", "a b", "x/y", "host#", "x" * 70, "host:port", "host/"])
def test_fail__a_host_is_a_host(host: str) -> None:
    """Nothing but a name and a port may stand before the receipt."""
    with pytest.raises(ValueError, match="not a host name"):
        to_text(b"receipt", host)


def test_fail__a_host_has_a_limit_and_the_sentence_says_so() -> None:
    """The longest one stands, one sign more is refused with the number of signs and what to do."""
    assert to_text(b"r", "h" * HOST_MAX).endswith("/r#114")
    with pytest.raises(ValueError, match="has 38: choose a shorter name"):
        to_text(b"r", "h" * (HOST_MAX + 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://v.example.jp/r#",
        "http://v.example.jp/r#00007",
        "https://v.example.jp/x#00007",
        "https://v.example.jp/r#0007",
        "https://v.example.jp/r#65536",
        "https://v.example.jp/r#+0007",
        "https://v.example.jp/r#000 7",
        "https://v.example.jp/r#０００７",
        "https://v.example.jp/r#1",
        "https://v.example.jp/r#" + "1" * 483,
        "https://v.example.jp/r#ggEA",
    ],
)
def test_fail__other_text_says_scan_again(text: str) -> None:
    """A cut, damaged or foreign text is a ValueError."""
    with pytest.raises(ValueError, match=r"receipt: the text .* scan the code again"):
        from_text(text)


@given(st.one_of(st.text(max_size=100), st.text(alphabet="0123456789", max_size=500)))
def test_fail__garbage_text_is_a_value_error(text: str) -> None:
    """Any text behind the mark is bytes with exactly this text, or a ValueError."""
    try:
        data = from_text("https://h/r#" + text)
    except ValueError:
        return
    assert to_text(data, "h") == "https://h/r#" + text.strip()

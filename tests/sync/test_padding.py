"""sync.padding: sizes that tell little."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.errors import FailureKind, SealError
from sync.padding import pad, press, unpad, unpress


@given(st.binary(max_size=300), st.sampled_from([16, 64, 4096]))
def test_ok__content_comes_back_from_whole_steps(content: bytes, step: int) -> None:
    """Padded content has a multiple of the step and gives the content back."""
    padded = pad(content, step)
    assert len(padded) % step == 0
    assert len(padded) < len(content) + 4 + step
    assert unpad(padded, step) == content


@pytest.mark.parametrize(("size", "padded"), [(0, 64), (60, 64), (61, 128)])
def test_ok__a_step_is_filled_before_the_next_begins(size: int, padded: int) -> None:
    """Sixty bytes and their length fill one step of sixty-four."""
    assert len(pad(bytes(size), 64)) == padded


@pytest.mark.parametrize(
    "padded",
    [
        b"",
        b"\x00\x00",
        bytes(63),
        b"\x00\x00\x00\x3d" + bytes(60),
        b"\x00\x00\x00\x01" + bytes(124),
        b"\x00\x00\x00\x01ab" + bytes(58),
        b"\xff\xff\xff\xff" + bytes(60),
    ],
)
def test_fail__other_padding_is_a_payload_failure(padded: bytes) -> None:
    """A length that does not fit, a step too many, or padding that says something."""
    with pytest.raises(SealError) as caught:
        unpad(padded, 64)
    assert caught.value.kind is FailureKind.PAYLOAD


@given(st.binary(max_size=200))
def test_fail__garbage_is_a_payload_failure_or_padding(data: bytes) -> None:
    """Any bytes are refused or exactly what pad makes."""
    try:
        content = unpad(data, 64)
    except SealError:
        return
    assert pad(content, 64) == data


@given(st.binary(max_size=300))
def test_ok__pressed_content_comes_back(content: bytes) -> None:
    """What was pressed comes back, also when it is as long as it may be."""
    assert unpress(press(content), len(content)) == content


@pytest.mark.parametrize(
    "pressed",
    [
        b"",
        b"no stream",
        zlib.compress(b"record")[:-1],
        zlib.compress(b"record") + b"\x00",
        zlib.compress(bytes(65)),
        zlib.compress(bytes(1 << 20)),
    ],
)
def test_fail__what_is_not_one_stream_within_the_limit_is_a_payload_failure(pressed: bytes) -> None:
    """Garbage, a stream that ends early, bytes behind it, or more than the limit."""
    with pytest.raises(SealError) as caught:
        unpress(pressed, 64)
    assert caught.value.kind is FailureKind.PAYLOAD

"""sync.signedjson: the one spelling of what is signed."""

import pytest

from sync import signedjson


def test_fail__content_nested_too_deep_is_not_signed() -> None:
    """A value that nests beyond what JSON's writer takes is refused in words."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(ValueError, match="too deep"):
        signedjson.canonical(deep)


def test_names_stand_sorted_without_spaces() -> None:
    """And everything beyond ASCII is escaped."""
    assert signedjson.canonical({"b": "市", "a": [1]}) == b'{"a":[1],"b":"\\u5e02"}'

"""sync.shape: type first, then shape, then size."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from sync import shape
from tests.support.garbage import canonical_values

JST = timezone(timedelta(hours=9))
MOMENT = datetime(2026, 11, 24, 1, 2, 3, 456789, tzinfo=UTC)
WORD = re.compile("[a-z]{1,3}")


def test_ok__each_shape_gives_its_value_back() -> None:
    """A value of the right shape is returned as it is."""
    assert shape.mapping({1: "a", 2: "b"}, 2, "p") == {1: "a", 2: "b"}
    assert shape.row([1, 2], 2, "p") == [1, 2]
    assert shape.rows([1, 2], 2, "p") == [1, 2]
    assert shape.number(3, "p", 3, 3) == 3
    assert shape.truth(value=False, place="p") is False
    assert shape.blob(b"ab", "p", 2) == b"ab"
    assert shape.blob(b"ab", "p", 0, 2) == b"ab"
    assert shape.text("水", "p", 1) == "水"
    assert shape.word("abc", WORD, "p") == "abc"
    assert shape.day("2026-11-24", "p") == date(2026, 11, 24)


def test_ok__moments_keep_their_microseconds_in_any_zone() -> None:
    """A moment comes back as the same moment, in UTC."""
    micros = shape.micros_of(MOMENT.astimezone(JST), "p")
    assert shape.moment_of_micros(micros, "p") == MOMENT
    assert shape.moment_of_micros(micros, "p").tzinfo is UTC


def test_ok__seconds_are_rounded_down() -> None:
    """Whole seconds never run ahead of the moment."""
    assert shape.moment_of_seconds(shape.seconds_of(MOMENT, "p"), "p") == MOMENT.replace(
        microsecond=0
    )


def test_ok__the_last_moment_is_the_end_of_2999() -> None:
    """The largest number of seconds leaves room for every uncertainty on both sides."""
    last = datetime(2999, 12, 31, 23, 59, 59, tzinfo=UTC)
    slack = timedelta(seconds=shape.SLACK_MAX)
    assert shape.EPOCH - slack < last + slack
    assert shape.moment_of_seconds(shape.seconds_of(last, "p"), "p") == last


@pytest.mark.parametrize(
    "refused",
    [
        lambda: shape.mapping([], 0, "place"),
        lambda: shape.mapping({1: 0}, 2, "place"),
        lambda: shape.mapping({1: 0, 2: 0, 3: 0}, 2, "place"),
        lambda: shape.row((1, 2), 2, "place"),
        lambda: shape.row([1], 2, "place"),
        lambda: shape.rows([1, 2, 3], 2, "place"),
        lambda: shape.rows("ab", 2, "place"),
        lambda: shape.number("3", "place"),
        lambda: shape.number(True, "place"),
        lambda: shape.number(-1, "place"),
        lambda: shape.number(4, "place", 0, 3),
        lambda: shape.truth(1, "place"),
        lambda: shape.blob("ab", "place", 2),
        lambda: shape.blob(b"abc", "place", 2),
        lambda: shape.blob(b"a", "place", 2, 3),
        lambda: shape.text(b"a", "place"),
        lambda: shape.text("abc", "place", 2),
        lambda: shape.word(7, WORD, "place"),
        lambda: shape.word("abcd", WORD, "place"),
        lambda: shape.word("abc\n", WORD, "place"),
        lambda: shape.micros_of(datetime(2026, 1, 1), "place"),  # noqa: DTZ001 - naive on purpose
        lambda: shape.micros_of(datetime(1969, 1, 1, tzinfo=UTC), "place"),
        lambda: shape.moment_of_micros(1 << 62, "place"),
        lambda: shape.moment_of_seconds(1 << 35, "place"),
        lambda: shape.moment_of_seconds(None, "place"),
        lambda: shape.day("20261124", "place"),
    ],
)
def test_fail__a_wrong_shape_names_its_place(refused: Any) -> None:
    """The ValueError tells where the wrong value stands."""
    with pytest.raises(ValueError, match=r"^place: (must|a moment)"):
        refused()


def test_fail__a_day_must_exist() -> None:
    """The thirtieth of February is a ValueError too."""
    with pytest.raises(ValueError, match="day is out of range"):
        shape.day("2026-02-30", "place")


@given(canonical_values())
def test_fail__no_value_gives_another_exception(value: Any) -> None:
    """Every function answers every value with itself or with ValueError."""
    for ask in (
        lambda: shape.mapping(value, 3, "p"),
        lambda: shape.row(value, 3, "p"),
        lambda: shape.rows(value, 3, "p"),
        lambda: shape.number(value, "p"),
        lambda: shape.truth(value, "p"),
        lambda: shape.blob(value, "p", 3),
        lambda: shape.text(value, "p"),
        lambda: shape.word(value, WORD, "p"),
        lambda: shape.day(value, "p"),
        lambda: shape.moment_of_micros(value, "p"),
        lambda: shape.moment_of_seconds(value, "p"),
    ):
        try:
            ask()
        except ValueError:
            continue

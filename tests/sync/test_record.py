"""sync.record: what one application is, as bytes."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical
from sync.record import (
    ANSWERS_MAX,
    SHEETS_MAX,
    Answer,
    Defect,
    decode_record,
    encode_record,
)
from tests.support.garbage import damaged, swapped
from tests.support.makers import make_record, make_sheet

DEFECT = Defect("card.missing", "warn", "card", "被保険者証がない", "次回に持参", "provider")
WHOLE = replace(
    make_record(4, defects=(DEFECT,), sheets=(make_sheet(0), make_sheet(1))),
    card_custody="placed_in_wallet",
    completes_case=bytes(16),
)
GOOD = encode_record(WHOLE)


def test_ok__a_record_comes_back_equal() -> None:
    """Every field survives the way through bytes."""
    assert decode_record(GOOD) == WHOLE


def test_ok__names_keep_their_own_signs() -> None:
    """Variant and rare characters of a name are not folded."""
    name = "髙﨑 𠮷雄 葛󠄀城"
    record = make_record(answers=[Answer("insured.name", name, "typed")])
    assert decode_record(encode_record(record)).answers[0].value == name


@given(st.floats(0, 1))
def test_ok__confidence_keeps_four_decimals(guess: float) -> None:
    """A machine's confidence is right to a twenty-thousandth and stays so when written again."""
    once = decode_record(encode_record(make_record(answers=[Answer("k", "v", "ocr", guess)])))
    confidence = once.answers[0].confidence
    assert confidence is not None
    assert abs(confidence - guess) <= 0.00005 + 1e-12
    assert decode_record(encode_record(once)) == once


@pytest.mark.parametrize("guess", [-0.1, 1.1, float("nan"), float("inf")])
def test_fail__confidence_outside_its_range(guess: float) -> None:
    """A confidence that is none does not leave the bus."""
    with pytest.raises(ValueError, match="confidence"):
        encode_record(make_record(answers=[Answer("k", "v", "ocr", guess)]))


@pytest.mark.parametrize(
    "change",
    [
        {"record_id": b"short"},
        {"version": 2},
        {"filing": replace(WHOLE.filing, uncertainty_s=1 << 32)},
        {"batch_position": -1},
        {"provider_name": "x" * 5000},
        {"run": "x" * 129},
        {"answers": tuple(Answer(f"k{n}", "v", "qr") for n in range(ANSWERS_MAX + 1))},
        {"sheets": tuple(make_sheet(n) for n in range(SHEETS_MAX + 1))},
        {"defects": (DEFECT,) * 257},
        {"sheets": (replace(make_sheet(), fed_sha256=b""),)},
        {"filing": replace(WHOLE.filing, handed_in_at=datetime(2026, 1, 1))},  # noqa: DTZ001 - naive on purpose
        {"answers": (Answer("k", "x" * 4096, "qr"),) * 100},
    ],
)
def test_fail__what_could_not_be_opened_again_is_not_written(change: dict[str, Any]) -> None:
    """A record beyond a limit fails on the bus, where it can be mended."""
    with pytest.raises(ValueError, match=r"must|at most"):
        encode_record(replace(WHOLE, **change))


def test_ok__limits_are_reached_exactly() -> None:
    """As many answers and sheets as the limits say are written and read."""
    record = make_record(
        answers=[Answer(f"k{n}", "v", "qr") for n in range(ANSWERS_MAX)],
        sheets=[make_sheet(n) for n in range(SHEETS_MAX)],
    )
    assert decode_record(encode_record(record)) == record


def test_ok__a_moment_in_another_zone_is_the_same_moment() -> None:
    """Hand-in times are UTC inside, equal outside."""
    assert decode_record(GOOD).filing.handed_in_at.tzinfo is UTC


@given(st.one_of(st.binary(max_size=80), damaged(GOOD)))
def test_fail__garbage_is_a_value_error(data: bytes) -> None:
    """Rubbish and damaged records are refused or mean something that is written the same way."""
    try:
        record = decode_record(data)
    except ValueError:
        return
    assert encode_record(record) == data


@settings(max_examples=200)
@given(swapped(canonical.decode(GOOD, len(GOOD))))
def test_fail__a_wrong_value_anywhere_is_a_value_error(value: Any) -> None:
    """A well-formed message with a wrong type inside never gives another exception."""
    data = canonical.encode(value)
    try:
        record = decode_record(data)
    except ValueError:
        return
    assert encode_record(record) == data

"""sync.letters: what city hall sends down, as bytes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical
from sync.letters import (
    DUE_MAX,
    Answer,
    Content,
    CorrectionRequest,
    DueEntry,
    LastCase,
    VisitPack,
    decode_letter,
    encode_letter,
)
from tests.support.garbage import damaged, swapped
from tests.support.makers import make_id

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
DUE = DueEntry("KN-0001", "0000000001", (("insured.name", "髙﨑 𠮷雄"),), "token-1")
PACK = VisitPack(
    pack_id=make_id(1),
    run="2026-11-24-a",
    stop="kita-2",
    vehicle="bus-07",
    provider_no="1370000001",
    provider_name="きたの丘ケアプランセンター",
    starts_at=START,
    ends_at=START + timedelta(hours=2),
    designated_counter=True,
    officer_id="S-014",
    due=(
        DUE,
        replace(
            DUE,
            reference="KN-0002",
            token="",
            last=LastCase(date(2025, 8, 20), (("physician.name", "及川 章"),)),
        ),
    ),
    pending=("0000000001",),
)
REQUEST = CorrectionRequest(
    request_id=make_id(2),
    case_id=make_id(3),
    record_id=make_id(4),
    receipt_no="R8-000123-6",
    provider_no="1370000001",
    reason="missing_page",
    sentence="裏面が写っていません。",
    missing=("form_back",),
    fields=("physician.name",),
    answer_by=date(2026, 12, 8),
    asked_at=START,
    insured_no="0000000001",
    masked_name="髙*雄",
)
ANSWER = Answer(
    answer_id=make_id(5),
    case_id=b"",
    receipt_no="R8-000123-6",
    provider_no="1370000001",
    question="被保険者証の有効期限が切れていますが、受け付けられますか。",
    text="受け付けられます。新しい保険証は後日お送りください。",
    answered_at=START,
)
GOOD_PACK, GOOD_REQUEST = encode_letter(PACK), encode_letter(REQUEST)
GOOD_ANSWER = encode_letter(ANSWER)


@pytest.mark.parametrize("letter", [PACK, REQUEST, ANSWER])
def test_ok__a_letter_comes_back_equal(letter: Content) -> None:
    """Every kind survives the way through bytes."""
    assert decode_letter(encode_letter(letter)) == letter


def test_ok__a_full_stop_fits() -> None:
    """As many people as the limit says fit in one pack."""
    full = replace(PACK, due=(DUE,) * DUE_MAX)
    assert decode_letter(encode_letter(full)) == full


@pytest.mark.parametrize(
    "letter",
    [
        replace(PACK, due=(DUE,) * (DUE_MAX + 1)),
        replace(PACK, pack_id=b""),
        replace(PACK, due=(replace(DUE, last=LastCase(date(2025, 8, 20), (("k" * 129, ""),))),)),
        replace(PACK, designated_counter=1),  # type: ignore[arg-type]  # wrong on purpose
        replace(PACK, starts_at=START.replace(tzinfo=None)),
        replace(REQUEST, missing=("x",) * 129),
        replace(REQUEST, sentence="x" * 4097),
        replace(REQUEST, case_id=bytes(33)),
        replace(ANSWER, text="x" * 4097),
        replace(ANSWER, answer_id=b""),
    ],
)
def test_fail__what_could_not_be_opened_again_is_not_written(letter: Any) -> None:
    """A letter beyond a limit fails at city hall, where it can be mended."""
    with pytest.raises(ValueError, match="must"):
        encode_letter(letter)


@pytest.mark.parametrize("value", [None, [], [4], [True], ["1"], {1: 1}, 1])
def test_fail__an_unknown_form_is_refused(value: Any) -> None:
    """A letter begins with the number of its form."""
    with pytest.raises(ValueError, match="letter's form"):
        decode_letter(canonical.encode(value))


@given(
    st.one_of(
        st.binary(max_size=80), damaged(GOOD_PACK), damaged(GOOD_REQUEST), damaged(GOOD_ANSWER)
    )
)
def test_fail__garbage_is_a_value_error(data: bytes) -> None:
    """Rubbish and damaged letters are refused or mean something that is written the same way."""
    try:
        letter = decode_letter(data)
    except ValueError:
        return
    assert encode_letter(letter) == data


@settings(max_examples=200)
@given(
    st.one_of(
        swapped(canonical.decode(GOOD_PACK, len(GOOD_PACK))),
        swapped(canonical.decode(GOOD_REQUEST, len(GOOD_REQUEST))),
        swapped(canonical.decode(GOOD_ANSWER, len(GOOD_ANSWER))),
    )
)
def test_fail__a_wrong_value_anywhere_is_a_value_error(value: Any) -> None:
    """A well-formed message with a wrong type inside never gives another exception."""
    data = canonical.encode(value)
    try:
        letter = decode_letter(data)
    except ValueError:
        return
    assert encode_letter(letter) == data

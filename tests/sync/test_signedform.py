"""sync.signedform: a form on its way to the desks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import canonical
from sync.errors import FailureKind, SealError
from sync.keys import VerifyKey
from sync.signedform import TEXT_MAX, SignedForm, decode_form, encode_form, rank_of
from tests.support.garbage import damaged, swapped
from tests.support.makers import OFFICE, make_signer

SIGNER = make_signer(OFFICE)
FORM = SignedForm("care-renewal", "2026-12-01", date(2026, 12, 8), 'id = "care-renewal"\n様式')
GOOD = encode_form(FORM, SIGNER)


def office(key_id: bytes) -> VerifyKey | None:
    """Return the office's key."""
    return SIGNER.public if key_id == SIGNER.key_id else None


def anybody(_key_id: bytes) -> VerifyKey:
    """Return the office's key whatever is asked for."""
    return SIGNER.public


def test_ok__a_form_comes_back_equal() -> None:
    """Every word of it, under the office's key."""
    assert decode_form(GOOD, office) == FORM


@pytest.mark.parametrize(
    ("find", "kind"), [(office, FailureKind.NO_MATCH), (anybody, FailureKind.SIGNATURE)]
)
def test_fail__somebody_elses_form(find: Callable[[bytes], Any], kind: FailureKind) -> None:
    """A key the bundle does not name is told from a signature that does not hold."""
    with pytest.raises(SealError) as caught:
        decode_form(encode_form(FORM, make_signer(98)), find)
    assert caught.value.kind is kind


@pytest.mark.parametrize(
    "form",
    [
        replace(FORM, procedure="Care Renewal"),
        replace(FORM, version="1.0"),
        replace(FORM, text="x" * (TEXT_MAX + 1)),
    ],
)
def test_fail__a_form_no_desk_would_take_is_not_signed(form: SignedForm) -> None:
    """It fails at city hall, where it can be mended."""
    with pytest.raises(ValueError, match="form"):
        encode_form(form, SIGNER)


def test_versions_are_ordered_by_day_then_number() -> None:
    """The tenth of a day comes after the ninth."""
    written = ["2026-04-01", "2026-04-01.9", "2026-04-01.10", "2026-04-02"]
    assert sorted(set(written), key=rank_of) == written


@given(st.one_of(st.binary(max_size=80), damaged(GOOD)))
def test_fail__garbage_is_a_seal_error(data: bytes) -> None:
    """Rubbish and damaged forms are refused; nothing else ever comes out."""
    try:
        assert decode_form(data, office) == FORM
    except SealError:
        return


@settings(max_examples=200)
@given(swapped(canonical.decode(GOOD, len(GOOD))))
def test_fail__a_wrong_value_anywhere_is_a_seal_error(value: Any) -> None:
    """A well-formed message with a wrong type inside never gives another exception."""
    try:
        assert decode_form(canonical.encode(value), anybody) == FORM
    except SealError:
        return

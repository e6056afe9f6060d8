import pytest

from sync.casekey import WRAPPED_BYTES, CaseKey
from sync.errors import FailureKind, SealError
from sync.seal import open_part, open_record, part_by_key, record_by_key, unwrap_key
from tests.support.garbage import turned
from tests.support.makers import (
    counting_random,
    make_envelope,
    make_id,
    make_opening_key,
    make_signer,
)

KEY, DATA_KEY, ENV = CaseKey(bytes(range(32))), b"d" * 32, make_id(1)
WRAPPED = KEY.wrap(DATA_KEY, ENV, counting_random())


def kind_of(key: CaseKey, wrapped: bytes, env_id: bytes) -> FailureKind:
    """Return why it does not unwrap."""
    with pytest.raises(SealError) as refusal:
        key.unwrap(wrapped, env_id)
    return refusal.value.kind


def test_ok__the_data_key_comes_back() -> None:
    """What was wrapped is what is unwrapped, in 60 bytes."""
    assert (KEY.unwrap(WRAPPED, ENV), len(WRAPPED)) == (DATA_KEY, WRAPPED_BYTES)


@pytest.mark.parametrize(
    ("key", "wrapped", "env_id"),
    [
        (CaseKey(bytes(32)), WRAPPED, ENV),
        (KEY, WRAPPED, make_id(2)),
        (KEY, turned(WRAPPED), ENV),
        (KEY, WRAPPED[:-1], ENV),
        (KEY, b"", ENV),
    ],
)
def test_fail__another_key_envelope_or_byte(key: CaseKey, wrapped: bytes, env_id: bytes) -> None:
    """A wrapped data key is bound to its application's key and to its envelope."""
    assert kind_of(key, wrapped, env_id) is FailureKind.NO_MATCH


def test_fail__a_key_of_another_length() -> None:
    """Case key and data key both have 32 bytes."""
    with pytest.raises(ValueError, match="32 bytes"):
        CaseKey(bytes(31))
    with pytest.raises(ValueError, match="32 bytes"):
        KEY.wrap(bytes(33), ENV, counting_random())


def test_the_repr_shows_the_key_id_only() -> None:
    """A key in a log line is its name."""
    assert repr(KEY) == f"CaseKey({KEY.key_id.hex()})"
    assert bytes(range(32)).hex() not in repr(KEY)


def test_ok__the_data_key_opens_what_the_opening_key_opens() -> None:
    """Record and parts open by the unwrapped data key as they did by the division's."""
    envelope, sender = make_envelope(1), make_signer().public
    division = make_opening_key()
    data_key = unwrap_key(envelope.slip, division, sender)
    record = open_record(envelope.slip, division, sender)
    part = open_part(envelope.slip, 1, envelope.parts[1], division)
    assert record_by_key(envelope.slip, data_key, sender) == record
    assert part_by_key(envelope.slip, 1, envelope.parts[1], data_key, sender) == part


@pytest.mark.parametrize("data_key", [bytes(32), bytes(31), b""])
def test_fail__another_data_key_opens_nothing(data_key: bytes) -> None:
    """Another envelope's data key, or none at all, opens neither record nor part."""
    envelope, sender = make_envelope(1), make_signer().public
    with pytest.raises(SealError):
        record_by_key(envelope.slip, data_key, sender)
    with pytest.raises(SealError):
        part_by_key(envelope.slip, 0, envelope.parts[0], data_key)


def test_fail__another_sender_gets_no_data_key() -> None:
    """The signatures are checked before anything is unwrapped."""
    with pytest.raises(SealError):
        unwrap_key(make_envelope(1).slip, make_opening_key(), make_signer(77).public)

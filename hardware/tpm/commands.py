"""The eight TPM 2.0 commands this house sends, as bytes: TPM 2.0 Library, part 3; structures of part 2."""

import struct
from typing import Final

OWNER: Final = 0x40000001
LOCKOUT: Final = 0x4000000A

ORDINARY: Final = 0x00040004
"""NV attributes AUTHREAD and AUTHWRITE: only the index's own password opens it, wrong tries are counted."""

COUNTER: Final = 0x02060016
"""NV attributes of a counter that anybody may read and raise and nobody can lower: wrong tries do not matter."""

PROPERTIES: Final = 6
PERMANENT: Final = 0x200
LOCKOUT_AUTH_SET: Final = 4

OK: Final = 0
NO_SUCH_INDEX: Final = 0x08B
UNWRITTEN: Final = 0x14A
NO_SPACE: Final = 0x14B
WRONG_AUTH: Final = 0x08E
LOCKED_OUT: Final = 0x921
AGAIN: Final = frozenset({0x908, 0x90A, 0x920, 0x922})
"""Yielded, testing, memory written too fast, retry: the chip asks for the same command once more."""

_ABOUT_ONE: Final = 0x80
_FORMAT_ONE: Final = 0xBF
"""A code about one handle, session or parameter has this bit; below are its bits without that one's number."""

_PLAIN: Final = 0x8001
_WITH_AUTH: Final = 0x8002
_PASSWORD: Final = 0x40000009
_SHA256: Final = 0x000B
_HEAD: Final = struct.Struct(">HII")
_FIRST_PARAMETER: Final = _HEAD.size + 4
_PERMANENT_END: Final = _HEAD.size + 17


def define(index: int, size: int, auth: bytes, attributes: int) -> bytes:
    """NV_DefineSpace: make an index of `size` bytes whose password is `auth`."""
    public = struct.pack(">IHIHH", index, _SHA256, attributes, 0, size)
    return _command(0x12A, (OWNER,), b"", _sized(auth) + _sized(public))


def undefine(index: int) -> bytes:
    """NV_UndefineSpace: the index and what it held are gone."""
    return _command(0x122, (OWNER, index), b"", b"")


def write(index: int, auth: bytes, data: bytes) -> bytes:
    """NV_Write from the first byte on."""
    return _command(0x137, (index, index), auth, _sized(data) + bytes(2))


def read(index: int, auth: bytes, size: int) -> bytes:
    """NV_Read of the first `size` bytes."""
    return _command(0x14E, (index, index), auth, struct.pack(">HH", size, 0))


def increment(index: int) -> bytes:
    """NV_Increment of a counter without a password."""
    return _command(0x134, (index, index), b"", b"")


def bound_tries(tries: int, forgiven_s: int, reset_s: int) -> bytes:
    """DictionaryAttackParameters: tries until lockout, seconds until one is forgiven, and for the reset itself."""
    return _command(0x13A, (LOCKOUT,), b"", struct.pack(">III", tries, forgiven_s, reset_s))


def set_lockout_auth(auth: bytes) -> bytes:
    """HierarchyChangeAuth: give the lockout a password, so that nobody without it resets the count."""
    return _command(0x129, (LOCKOUT,), b"", _sized(auth))


def ask_permanent() -> bytes:
    """GetCapability: the permanent attributes, which say whether the lockout has a password."""
    return _HEAD.pack(_PLAIN, _HEAD.size + 12, 0x17A) + struct.pack(
        ">III", PROPERTIES, PERMANENT, 1
    )


def code_of(answer: bytes) -> int:
    """Return the response code without the place it names; raises ValueError for what is no answer of a TPM."""
    if len(answer) < _HEAD.size:
        raise ValueError("an answer has at least 10 bytes")
    _, size, code = _HEAD.unpack_from(answer)
    if size != len(answer):
        raise ValueError(f"an answer of {len(answer)} bytes says it has {size}")
    return int(code) & _FORMAT_ONE if code & _ABOUT_ONE else int(code)


def data_of(answer: bytes) -> bytes:
    """Return the sized buffer a command with a password answered; raises ValueError for a shorter answer."""
    if len(answer) < _FIRST_PARAMETER + 2:
        raise ValueError("an answer ends before its data")
    (size,) = struct.unpack_from(">H", answer, _FIRST_PARAMETER)
    data = answer[_FIRST_PARAMETER + 2 :][:size]
    if len(data) != size:
        raise ValueError("an answer ends inside its data")
    return data


def permanent_of(answer: bytes) -> int:
    """Return the permanent attributes' bits out of a GetCapability answer; raises ValueError for another."""
    if len(answer) < _PERMANENT_END:
        raise ValueError("an answer ends before the attributes")
    # One byte says whether there is more; then capability, count, property and value.
    (_, _, _, name, bits) = struct.unpack_from(">BIIII", answer, _HEAD.size)
    if name != PERMANENT:
        raise ValueError("the permanent attributes were asked for")
    return int(bits)


def _command(code: int, handles: tuple[int, ...], auth: bytes, parameters: bytes) -> bytes:
    named = b"".join(handle.to_bytes(4, "big") for handle in handles)
    # One password session: its handle, no nonce, no attributes, the password.
    session = _PASSWORD.to_bytes(4, "big") + bytes(3) + _sized(auth)
    body = named + len(session).to_bytes(4, "big") + session + parameters
    return _HEAD.pack(_WITH_AUTH, _HEAD.size + len(body), code) + body


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data

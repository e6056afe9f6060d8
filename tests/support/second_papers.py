"""Receipts, beacons, proofs, journals and checkpoints read without our code, from docs/envelope.md sections 8 and 9."""

import base64
import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final

from tests.support.second_cbor import (
    HEADER,
    LAST_SECOND,
    NO_MATCH,
    PAYLOAD,
    SIGNATURE,
    Refused,
    blob,
    micros,
    need,
    number,
    read,
    row,
    rows,
    seconds,
    text,
    word,
    write,
)
from tests.support.second_keys import short_holds
from tests.support.second_reader import included, leaf

_LABELS: Final = {1: "box-receipt/v1", 2: "hall-receipt/v1", 3: "beacon/v1"}
Keys = Mapping[bytes, bytes]


def receipt(data: bytes, keys: Keys) -> list[Any]:
    """Return the values of a box's or a hall's receipt (table 8); `keys` are public keys by their ids."""
    return _signed(data, 200, (1, 2), keys)


def beacon(data: bytes, keys: Keys) -> list[Any]:
    """Return the values of a beacon."""
    return _signed(data, 120, (3,), keys)


def _signed(data: bytes, limit: int, forms: tuple[int, ...], keys: Keys) -> list[Any]:
    try:
        need(64 < len(data) <= limit)
        values = rows(read(data[:-64]), 11)
        need(values and type(values[0]) is int and values[0] in forms)
        (_box, _hall, _beacon)[values[0] - 1](values)
    except Refused:
        raise Refused(HEADER) from None
    key = values[3 if values[0] == 3 else -1]
    need(key in keys, NO_MATCH)
    holds = short_holds(keys[key], _LABELS[values[0]], data[:-64], data[-64:])
    need(holds, SIGNATURE)
    return values


def _box(values: list[Any]) -> None:
    _, env_id, digest, procedure, filed, bound, slack, seq, key = row(values, 9)
    for value, size in ((env_id, 16), (digest, 32), (key, 8)):
        blob(value, size)
    word(procedure, "[a-z0-9_-]{1,24}")
    seconds(filed)
    seconds(bound)
    number(slack, 0, 2**32 - 1)
    number(seq, 1)
    need(bound <= filed)


def _hall(values: list[Any]) -> None:
    _, env_id, digest, procedure, filing, filed, bound, received, index, stage, key = row(
        values, 11
    )
    for value, size in ((env_id, 16), (digest, 32), (key, 8)):
        blob(value, size)
    word(procedure, "[a-z0-9_-]{1,24}")
    need(type(filing) is str and filing_number(filing))
    for moment in (filed, bound, received):
        seconds(moment)
    number(index, 0, 2**62)
    number(stage, 1, 2)
    need(bound <= filed <= received)


def _beacon(values: list[Any]) -> None:
    _, moment, nonce, key, root, bundle = row(values, 6)
    seconds(moment)
    blob(nonce, 1, 16)
    number(root)
    number(bundle)
    blob(key, 8)


def filing_number(value: str) -> bool:
    """Tell whether this is a filing number with its check digit (ISO/IEC 7064 MOD 11,10)."""
    found = re.fullmatch("R([1-9][0-9]?)-([0-9]{6})-([0-9])", value, re.ASCII)
    if found is None:
        return False
    product = 10
    for digit in found[1].zfill(2) + found[2]:
        total = (product + int(digit)) % 10
        product = 2 * (total or 10) % 11
    return (product + int(found[3])) % 10 == 1


def address(written: str) -> bytes:
    """Return the bytes of an address on paper: digits behind the sign."""
    found = re.fullmatch("https://[A-Za-z0-9.:-]+/r#([0-9]+)", written.strip(), re.ASCII)
    need(found and len(found[1]) <= 482)
    digits = found[1] if found else ""
    lengths = [n for n in range(1, 201) if len(str(256**n - 1)) == len(digits)]
    need(lengths and int(digits) < 256 ** lengths[0])
    return int(digits).to_bytes(lengths[0], "big")


def log_leaf(slip_sha256: bytes, filing: str) -> bytes:
    """Return the leaf of a filing in the hall's log."""
    return leaf(write([slip_sha256, filing]))


def proof(data: bytes) -> list[Any]:
    """Return the values of a proof."""
    values = row(read(data, 8192), 5)
    number(values[0], 4, 4)
    number(values[1], 1, 2**62)
    blob(values[2], 32)
    for step in rows(values[3], 64):
        blob(step, 32)
    text(values[4], 1024)
    return values


def holds(paper: list[Any], values: list[Any]) -> bool:
    """Tell whether a proof shows a hall receipt's filing."""
    made = log_leaf(paper[2], paper[4])
    return included(made, paper[8], values[1], values[3], values[2])


def entry(data: bytes) -> list[Any]:
    """Return the values of a journal entry."""
    values = row(read(data, 256), 7)
    number(values[0], 1)
    blob(values[1], 32)
    word(values[2], "[a-z_]{1,32}")
    blob(values[3], 32)
    micros(values[4])
    number(values[5])
    number(values[6])
    return values


def entry_hash(data: bytes) -> bytes:
    """Return the hash of an entry: the head after it."""
    return hashlib.sha256(b"madobus/journal/v1\x00" + data).digest()


def chain(entries: list[bytes], head: tuple[int, bytes]) -> tuple[int, bytes]:
    """Return the head after these entries."""
    seq, last = head
    rows_read = [entry(data) for data in entries]
    for data, values in zip(entries, rows_read, strict=True):
        need(values[0] == seq + 1 and values[1] == last, PAYLOAD)
        seq, last = values[0], entry_hash(data)
    return seq, last


def checkpoint(note: str, public: bytes) -> dict[str, Any]:
    """Return what a signed note says, signed with this public key."""
    pattern = (
        r"([a-z0-9][a-z0-9./_-]{0,127})\n(0|[1-9][0-9]{0,18})\n([^\n]*)\n(?:([!-~][ -~]{0,63})\n)?"
        r"\n\u2014 ([^\n ]*) ([^\n]*)\n"
    )
    found = re.fullmatch(pattern, note, re.ASCII)
    need(found and len(note) <= 1024, HEADER)
    assert found
    origin, size, root, extra, signer, signed = found.groups()
    need(signer == origin and int(size) <= 2**62, HEADER)
    digest, signature = _base64(root, 32), _base64(signed, 68)
    named = hashlib.sha256(origin.encode() + b"\n\x01" + public[:32]).digest()[:4]
    need(signature[:4] == named, NO_MATCH)
    said = note[: note.index("\n\n") + 1].encode()
    need(short_holds(public, "", said, signature[4:]), SIGNATURE)
    return {"origin": origin, "size": int(size), "root": digest.hex(), "extra": extra or ""}


def cosigned(text: str, device: str, public: bytes, witnesses: list[bytes]) -> dict[str, Any]:
    """Return what a box's cosigned head says and when it was seen."""
    note, dash, line = text.rpartition("\u2014 madobus/witness ")
    need(dash and line.endswith("\n"), HEADER)
    written = _base64(line[:-1], 76)
    name = b"madobus/witness\n\x04"
    known = {hashlib.sha256(name + key[:32]).digest()[:4]: key for key in witnesses}
    need(written[:4] in known, NO_MATCH)
    time = int.from_bytes(written[4:12], "big")
    said = f"cosignature/v1\ntime {time}\n" + note.partition("\n\n")[0] + "\n"
    need(
        short_holds(known[written[:4]], "", said.encode(errors="surrogatepass"), written[12:]),
        SIGNATURE,
    )
    need(time <= LAST_SECOND, HEADER)
    found = checkpoint(note, public)
    need(found["origin"] == f"{device}/journal", NO_MATCH)
    return {"size": found["size"], "root": found["root"], "seen": time}


def _base64(written: str, size: int) -> bytes:
    try:
        found = base64.b64decode(written, validate=True)
    except ValueError:
        raise Refused(HEADER) from None
    need(len(found) == size and base64.b64encode(found).decode() == written, HEADER)
    return found

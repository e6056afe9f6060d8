"""Targets of the custody formats: canonical bytes, envelopes, receipts, journals, keys, secrets at rest."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sync import address, canonical, chain, chiplock, ids, keyfile, pinlock, proof, receipt
from sync.casekey import CaseKey
from sync.drawer import Drawer
from sync.envelope import RECORD_MAX, decode_header, encode_header, split_slip
from sync.errors import SealError
from sync.journal import claimed_size, decode_entry, encode_entry, read_checkpoint
from sync.keys import OpeningKey, SealingKey, VerifyKey
from sync.padding import RECORD_STEP, unpad, unpress
from sync.seal import open_part, open_record
from sync.verify import piece_ok, verify_slip
from sync.witness import read_cosigned
from tests.fuzz.target import Broken, Target, same
from tests.vectors.bricks import BOX, DIVISION, HALL, seed
from tests.vectors.shelves import Vector, vectors

_SEEDS_MAX: Final = 40
_KNOWN: Final = {BOX.key_id: BOX.public, HALL.key_id: HALL.public}


def seeds(what: str, name: str = "data") -> Callable[[], Sequence[bytes]]:
    """Return the inputs of the vectors of one kind, short ones first."""

    def found() -> list[bytes]:
        made = {_input(one, name) for one in vectors() if one.what == what}
        return sorted(made, key=len)[:_SEEDS_MAX]

    return found


def _input(one: Vector, name: str) -> bytes:
    text = name in {"text", "pin"}
    return one.text(name).encode("utf-8", "surrogatepass") if text else one.data(name)


def text_of(data: bytes) -> str:
    """Return bytes as text of any kind, lone surrogates included."""
    return data.decode("utf-8", "surrogateescape")


def _canonical(data: bytes) -> None:
    same(canonical.encode(canonical.decode(data, 4096)), data)


def _slip(data: bytes) -> None:
    split_slip(data)
    verify_slip(data, BOX.public)


def _header(data: bytes) -> None:
    same(encode_header(decode_header(data)), data)


def _opened(data: bytes) -> None:
    open_record(data, DIVISION, BOX.public)


def _inside(data: bytes) -> None:
    unpress(unpad(data, RECORD_STEP), RECORD_MAX)


def _streams(data: bytes) -> None:
    unpress(data, RECORD_MAX)


class _Part:
    """A part behind a good slip: the bytes of the part are foreign."""

    def __init__(self) -> None:
        one = next(one for one in vectors() if one.what == "part" and one.fails is None)
        self.slip, self.key = one.data("slip"), OpeningKey(one.data("opening_seed"))

    def read(self, data: bytes) -> None:
        """Open the bytes as each of the first two parts."""
        for index in (0, 1):
            open_part(self.slip, index, data, self.key)


def _piece(data: bytes) -> None:
    part = decode_header(_HEADER).parts[0]
    steps = [data[at : at + 32] for at in range(0, len(data), 32)]
    piece_ok(part, 0, data, steps)


def _first_header() -> bytes:
    one = next(one for one in vectors() if one.what == "header" and one.fails is None)
    return split_slip(one.data("slip"))[0]


_HEADER: Final = _first_header()


def _receipt(data: bytes) -> None:
    """Read what came, and the same content signed by who it names."""
    for one in (data, data + BOX.sign_short("box-receipt/v1", data)):
        _try(lambda one=one: receipt.read_receipt(one, _KNOWN.get))  # type: ignore[misc]
    receipt.own_hall_receipt(data + bytes(64))


def _beacon(data: bytes) -> None:
    signed = data + HALL.sign_short("beacon/v1", data)
    _try(lambda: receipt.read_beacon(data, _KNOWN.get))
    receipt.read_beacon(signed, _KNOWN.get)


def _try(read: Callable[[], object]) -> None:
    try:
        read()
    except SealError:
        return


def _proof(data: bytes) -> None:
    found = proof.decode_proof(data)
    same(proof.encode_proof(found), data)


def _address(data: bytes) -> None:
    written = text_of(data)
    found = address.from_text(written)
    same(address.to_text(found, "h").partition("#")[2], written.strip().partition("#")[2])


def _number(data: bytes) -> None:
    written = text_of(data)
    if ids.check_filing_number(written):
        same(ids.filing_number(*ids.filing_parts(written)), written)


def _checkpoint(data: bytes) -> None:
    written = text_of(data)
    claimed_size(written)
    read_checkpoint(written, HALL.public)


def _entry(data: bytes) -> None:
    same(encode_entry(decode_entry(data)), data)


def _chain(data: bytes) -> None:
    """The journal's two readers say the same of every entry."""
    try:
        entry = decode_entry(data)
    except ValueError:
        entry = None
    found = chain.read_entry(data)
    if entry is None or chain.entry_bytes(found) != encode_entry(entry):
        raise Broken("the quick reader takes an entry that the other refuses or reads otherwise")


def _only_slow(data: bytes) -> None:
    """What the strict reader takes, the quick one takes too."""
    decode_entry(data)
    try:
        chain.read_entry(data)
    except ValueError as error:
        raise Broken("the quick reader refuses a good entry") from error


def _case_key(data: bytes) -> None:
    CaseKey(seed("case")).unwrap(data, b"envelope id")


def _cosigned(data: bytes) -> None:
    read_cosigned(text_of(data), "bus-07", BOX.public, (HALL.public,))


def _key_file(data: bytes) -> None:
    for kind in keyfile.KINDS:
        try:
            keyfile.write_key(kind, keyfile.read_key(text_of(data), kind))
        except ValueError:
            continue


def _verify_key(data: bytes) -> None:
    same(VerifyKey.from_raw(data).raw, data)


def _sealing_key(data: bytes) -> None:
    SealingKey(data).wrap(bytes(32), b"")


def _lock(data: bytes) -> None:
    pinlock.unlock_secret(data, "000000")


def _chip(data: bytes) -> None:
    if len(data) > 1 and data[0] == 1:
        data = b"\x02" + data[1:]
    chiplock.needs_chip(data)
    chiplock.PinHalf.for_lock(data, "000000").unlock(data, bytes(32))


def _draft(data: bytes) -> None:
    Drawer(seed("drawer")).open("application-1", data)


def quickly(_pin: str, _salt: bytes) -> bytes:
    """Stand in the place of Argon2id: the parser is under fire here, not the slowness of a PIN."""
    return bytes(32)


def _bodies(what: str) -> Callable[[], Sequence[bytes]]:
    whole = seeds(what)
    return lambda: [*whole(), *(one[:-64] for one in whole())]


def _headers() -> list[bytes]:
    return [_HEADER, *(one[12:-2486] for one in seeds("header", "slip")()[:20])]


def _lazy_part(data: bytes) -> None:
    if not _PART:
        _PART.append(_Part())
    _PART[0].read(data)


_PART: Final[list[Any]] = []
_HEADS: Final = [bytes((one,)) for one in (0x18, 0x19, 0x1A, 0x1B, 0x3B, 0x58, 0x5B, 0x9B, 0xBB)]
_SEALED: Final = (SealError,)
_PLAIN: Final = (ValueError,)

TARGETS: Final = (
    Target("canonical", _canonical, _PLAIN, seeds("canonical"), _HEADS),
    Target("slip", _slip, _SEALED, seeds("header", "slip"), _HEADS, 8192),
    Target("header", _header, _SEALED, _headers, _HEADS, 8192),
    Target("envelope", _opened, _SEALED, seeds("open", "slip"), _HEADS, 8192),
    Target("padding", _inside, _SEALED, seeds("unpad")),
    Target("zlib", _streams, _SEALED, seeds("unpad")),
    Target("part", _lazy_part, _SEALED, seeds("part"), (), 2048),
    Target("piece", _piece, (), seeds("unpad")),
    Target("receipt", _receipt, _SEALED, _bodies("receipt"), _HEADS, 256),
    Target("beacon", _beacon, _SEALED, _bodies("beacon"), _HEADS, 160),
    Target("proof", _proof, _PLAIN, seeds("proof"), _HEADS),
    Target("address", _address, _PLAIN, seeds("address", "text"), (b"https://", b"/r#"), 600),
    Target("filing-number", _number, (), seeds("filing number", "text"), (b"R8-",), 64),
    Target("checkpoint", _checkpoint, _SEALED, seeds("checkpoint", "text"), (), 1200),
    Target("journal-entry", _entry, _PLAIN, seeds("entry"), _HEADS, 300),
    Target("journal-quick", _chain, _PLAIN, seeds("entry"), _HEADS, 300),
    Target("journal-strict", _only_slow, _PLAIN, seeds("entry"), _HEADS, 300),
    Target("cosigned", _cosigned, _SEALED, seeds("cosigned", "text"), (), 1600),
    Target("case-key", _case_key, _SEALED, seeds("lock")),
    Target("key-file", _key_file, (), seeds("key file", "text"), (b"madobus-key 1", b"check")),
    Target("verify-key", _verify_key, _PLAIN, seeds("verify key", "raw")),
    Target("sealing-key", _sealing_key, _PLAIN, seeds("sealing key", "raw")),
    Target("pin-lock", _lock, _SEALED, seeds("lock")),
    Target("chip-lock", _chip, _SEALED, seeds("chip lock")),
    Target("draft", _draft, _SEALED, seeds("draft")),
)

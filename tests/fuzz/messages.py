"""Targets of what is said between the houses: frames, sticks, letters, records, forms, bundles, call words."""

import json
from typing import Any, Final

from procedures import definition
from procedures.errors import ProcedureError
from sync import bundle, callwords, frames, root, signedform
from sync.carry import Volume, decode_volume, encode_volume, read_name
from sync.errors import PeerError, SealError
from sync.frames import decode_frame, encode_frame
from sync.letters import decode_letter, encode_letter
from sync.notes import decode_note, encode_note
from sync.record import decode_record, encode_record
from tests.fuzz.custody import seeds, text_of
from tests.fuzz.target import Target, same
from tests.vectors.bricks import OFFICE

_PEER: Final = (PeerError,)
_KNOWN: Final = {OFFICE.key_id: OFFICE.public}


def _record(data: bytes) -> None:
    same(encode_record(decode_record(data)), data)


def _letter(data: bytes) -> None:
    same(encode_letter(decode_letter(data)), data)


def _note(data: bytes) -> None:
    same(encode_note(decode_note(data)), data)


def _form(data: bytes) -> None:
    signedform.decode_form(data, _KNOWN.get)


def _form_body(data: bytes) -> None:
    signedform._form(data)


def _frame(data: bytes) -> None:
    same(encode_frame(decode_frame(data)), data)


def _frame_seeds() -> list[bytes]:
    values: list[frames.Frame] = [
        frames.Hello("bus-07", bytes(8), "", 3),
        frames.Welcome(bytes(8), "note", (bytes(32),)),
        frames.Offer(bytes(16), 9000, 0, fresh=True),
        frames.Have(bytes(16), 1, ((0, 5), (2, 700))),
        frames.Piece(bytes(16), 1, 65_536, b"piece"),
        frames.Confirm(bytes(16), 0, 12),
        frames.Receipt(bytes(16), 2, b"receipt", b"proof", (bytes(32),)),
        frames.Refuse(400, "no", b""),
        frames.Down(bytes(16), "letter", 0, 10, b"bytes"),
        frames.Time(bytes(16)),
        frames.Ping(1, 2, 3),
        frames.Pong(1),
        frames.Pull(bytes(16), 4),
    ]
    return [encode_frame(one) for one in values]


def _volume(data: bytes) -> None:
    found = decode_volume(data)
    same(encode_volume(found.volume, lambda _head: found.seal), data)


def _volume_seeds() -> list[bytes]:
    from sync.carry import Place, Way  # noqa: PLC0415 - the names are long and used once
    from sync.shape import moment_of_micros  # noqa: PLC0415 - the same
    from tests.vectors.forging import MOMENT  # noqa: PLC0415 - the same

    made = moment_of_micros(MOMENT, "made")
    place = Place("bus-07", Way.UP, bytes(8), 1)
    some = tuple(_frame_seeds()[:4])
    volumes = [
        Volume(place, bytes(8), last, made, frames) for last, frames in ((True, some), (False, ()))
    ]
    return [encode_volume(one, lambda head: b"seal" + head[:4]) for one in volumes]


def _volume_name(data: bytes) -> None:
    read_name(text_of(data))


def _call(data: bytes) -> None:
    for side in (callwords.FROM_BUS, callwords.FROM_HALL):
        try:
            callwords.read(text_of(data), side)
        except PeerError:
            continue


def _call_seeds() -> list[bytes]:
    call = "0" * 32
    words: list[Any] = [
        callwords.Greet(),
        callwords.Ring(call),
        callwords.Answer(call),
        callwords.HangUp(call),
        callwords.Say(call, call, "おはようございます"),
        callwords.Quiet(),
        callwords.Refusal(400, "", "no"),
    ]
    return [callwords.write(one).encode() for one in words]


def _bundle(data: bytes) -> None:
    bundle.decode_bundle(text_of(data), None)


def _root(data: bytes) -> None:
    root.decode_root(text_of(data))


def _root_draft(data: bytes) -> None:
    root.draft_root(text_of(data))


def _json(data: bytes) -> Any:
    try:
        return json.loads(text_of(data))
    except (ValueError, RecursionError):
        return None


def _bundle_content(data: bytes) -> None:
    """The content as if its signatures held: what a thief of the publisher's key could write."""
    value = _json(data)
    bundle._bundle(value.get("signed") if isinstance(value, dict) else value)


def _root_content(data: bytes) -> None:
    value = _json(data)
    root._root(value.get("signed") if isinstance(value, dict) else value)


def _bundle_seeds() -> list[bytes]:
    return [b'{"roots": [], "signatures": [], "signed": {}}', *seeds("bundle", "text")()[:6]]


def _root_seeds() -> list[bytes]:
    return [b'{"signatures": [], "signed": {}}', *seeds("root document", "text")()[:6]]


def _procedure(data: bytes) -> None:
    definition.read(data.decode("utf-8", "replace"), "fuzz")


def _procedure_seeds() -> list[bytes]:
    texts = [b'id = "x"\n', b"[words]\nja = 1\n"]
    folder = definition.__file__.rpartition("/")[0]
    from pathlib import Path  # noqa: PLC0415 - used once

    return texts + [path.read_bytes() for path in sorted(Path(folder).rglob("*.toml"))[:4]]


_NAMES: Final = [
    b'"signed"',
    b'"signatures"',
    b'"roots"',
    b'"ed25519"',
    b'"mldsa44"',
    b'"key"',
    b"[]",
    b"{}",
    b"null",
    b"1e999",
    b"NaN",
]

TARGETS: Final = (
    Target("record", _record, (ValueError,), seeds("record"), (), 8192),
    Target("letter", _letter, (ValueError,), seeds("letter"), (), 8192),
    Target("note", _note, (ValueError,), seeds("note"), (), 8192),
    Target("signed-form", _form, (SealError,), seeds("form")),
    Target("form-body", _form_body, (ValueError,), seeds("form")),
    Target("procedure", _procedure, (ProcedureError,), _procedure_seeds, (), 32_768, slow=True),
    Target("frame", _frame, _PEER, _frame_seeds),
    Target("carry-volume", _volume, _PEER, _volume_seeds),
    Target("carry-name", _volume_name, (), lambda: [b"bus-07-up-0123456789abcdef-0001.carry"], (), 128),
    Target("call-words", _call, (), _call_seeds),
    Target("bundle", _bundle, (SealError,), _bundle_seeds, _NAMES, 65_536, slow=True),
    Target("bundle-content", _bundle_content, (ValueError,), _bundle_seeds, _NAMES, 65_536, slow=True),
    Target("root-document", _root, (SealError,), _root_seeds, _NAMES, 65_536, slow=True),
    Target("root-draft", _root_draft, (SealError,), _root_seeds, _NAMES, 65_536, slow=True),
    Target("root-content", _root_content, (ValueError,), _root_seeds, _NAMES, 65_536, slow=True),
)  # fmt: skip

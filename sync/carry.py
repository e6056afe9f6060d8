"""The wire's frames as files: what a stick carries between bus and city hall (docs/protocol.md, "The carry").

A set of volumes is one session. Each volume is whole or worth nothing: its head names the bytes that follow and is
sealed by whoever wrote it, so that a stick counts as much as a line with certificates.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from sync import canonical, shape
from sync.errors import PeerError
from sync.frames import DEVICE_MAX, FRAME_MAX, HASH_BYTES, SESSION_BYTES
from sync.refusals import Refused

MAGIC: Final = b"madobus-carry/1\n"
FOLDER: Final = "madobus-carry"
SUFFIX: Final = ".carry"
# One file stays far below what FAT takes, and a program holds one at a time.
BODY_MAX: Final = 8 * 1024 * 1024
VOLUMES_MAX: Final = 9999
HEAD_MAX: Final = 256
SEAL_MAX: Final = 4096
FRAMES_MAX: Final = 1 << 20
VOLUME_MAX: Final = len(MAGIC) + 4 + HEAD_MAX + 4 + SEAL_MAX + BODY_MAX
LABEL: Final = "carry/v1"

_U32: Final = 4
_FAMILY: Final = MAGIC[:14]
_NAME: Final = re.compile(r"([a-z0-9-]{1,32})-(up|down)-([0-9a-f]{16})-([0-9]{4})\.carry", re.ASCII)

Seal = Callable[[bytes], bytes]


class Way(IntEnum):
    """Which way a volume travels."""

    UP = 1
    DOWN = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a volume belongs: the box, the way, the set (8 bytes) and its number in it, from 1."""

    device: str
    way: Way
    set_id: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Volume:
    """One file's content. `session` is the bus's, on both ways; `last` ends the set; `made` is in whole seconds."""

    place: Place
    session: bytes
    last: bool
    made: datetime
    frames: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A volume as read: undamaged. Who wrote it is known once `seal` holds over `head`."""

    volume: Volume
    head: bytes
    seal: bytes


def encode_volume(volume: Volume, seal: Seal) -> bytes:
    """Return a file's bytes; `seal` signs the head. Raises ValueError for what `decode_volume` would refuse."""
    body = b"".join(len(frame).to_bytes(_U32, "big") + frame for frame in volume.frames)
    place = volume.place
    head = canonical.encode(
        [
            int(place.way),
            place.device,
            volume.session,
            place.set_id,
            place.number,
            volume.last,
            shape.seconds_of(volume.made, "carry's time"),
            len(volume.frames),
            len(body),
            hashlib.sha256(body).digest(),
        ]
    )
    _read_head(head)
    signed = seal(head)
    return MAGIC + _prefixed(head) + _prefixed(signed) + body


def decode_volume(data: bytes) -> Sealed:
    """Read one file; raises PeerError (VERSION, TOO_MUCH, NOT_UNDERSTOOD) and nothing else."""
    if len(data) > VOLUME_MAX:
        raise PeerError(
            Refused.TOO_MUCH, f"carry file: {VOLUME_MAX} bytes are the limit; export again"
        )
    if data[: len(MAGIC)] != MAGIC:
        raise _foreign(data)
    try:
        head, after_head = _taken(data, len(MAGIC), HEAD_MAX)
        seal, begin = _taken(data, after_head, SEAL_MAX)
        volume, count, length, digest = _read_head(head)
    except ValueError as error:
        raise _damaged(str(error)) from error
    body = data[begin:]
    if len(body) != length:
        raise _damaged(f"it is cut: {len(body)} of {length} bytes are here")
    if hashlib.sha256(body).digest() != digest:
        raise _damaged("its bytes are not the ones that were written")
    frames = _frames(body)
    if len(frames) != count:
        raise _damaged(f"it holds {len(frames)} frames, not {count}")
    whole = Volume(volume.place, volume.session, volume.last, volume.made, frames)
    return Sealed(whole, head, seal)


def file_name(place: Place) -> str:
    """Return a volume's name: small letters, digits, hyphens and one dot, as every file system takes them."""
    way = place.way.name.lower()
    return f"{place.device}-{way}-{place.set_id.hex()}-{place.number:04}{SUFFIX}"


def read_name(name: str) -> Place | None:
    """Return what a file's name says, or None for a name that is none of ours."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    device, way, set_id, number = found.groups()
    return Place(device, Way[way.upper()], bytes.fromhex(set_id), int(number))


def _read_head(head: bytes) -> tuple[Volume, int, int, bytes]:
    way, device, session, set_id, number, last, made, count, length, digest = shape.row(
        canonical.decode(head, HEAD_MAX), 10, "head"
    )
    place = Place(
        device=shape.text(device, "head's device", DEVICE_MAX),
        way=Way(shape.number(way, "head's way", 1, len(Way))),
        set_id=shape.blob(set_id, "head's set", SESSION_BYTES),
        number=shape.number(number, "head's number", 1, VOLUMES_MAX),
    )
    volume = Volume(
        place,
        session=shape.blob(session, "head's session", SESSION_BYTES),
        last=shape.truth(last, "head's last"),
        made=shape.moment_of_seconds(made, "head's time"),
        frames=(),
    )
    return (
        volume,
        shape.number(count, "head's frames", 0, FRAMES_MAX),
        shape.number(length, "head's bytes", 0, BODY_MAX),
        shape.blob(digest, "head's hash", HASH_BYTES),
    )


def _prefixed(data: bytes) -> bytes:
    return len(data).to_bytes(_U32, "big") + data


def _taken(data: bytes, start: int, limit: int) -> tuple[bytes, int]:
    """Return the bytes behind a length, and where they end."""
    begin = start + _U32
    size = int.from_bytes(data[start:begin], "big")
    if size > limit:
        raise ValueError(f"a field of {size} bytes where {limit} are the limit")
    if len(data) < begin + size:
        raise ValueError(f"it is cut after {len(data)} bytes")
    return data[begin : begin + size], begin + size


def _frames(body: bytes) -> tuple[bytes, ...]:
    found, position = [], 0
    while position < len(body):
        try:
            frame, position = _taken(body, position, FRAME_MAX)
        except ValueError as error:
            raise _damaged(str(error)) from error
        found.append(frame)
    return tuple(found)


def _foreign(data: bytes) -> PeerError:
    if data and MAGIC.startswith(data[: len(MAGIC)]):
        return _damaged(f"it is cut after {len(data)} bytes")
    if data.startswith(_FAMILY):
        return PeerError(
            Refused.VERSION, "carry file: another version wrote it; update the older side"
        )
    return PeerError(Refused.NOT_UNDERSTOOD, "carry file: it is none of Madobus; nothing was taken")


def _damaged(fact: str) -> PeerError:
    return PeerError(
        Refused.NOT_UNDERSTOOD, f"carry file: {fact}; nothing is lost, export onto the stick again"
    )

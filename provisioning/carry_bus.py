"""The bus's side of the carry: what waits goes onto a stick; what city hall answered is proven and kept.

It runs with the uplink's rights: shelf, bundle, root and TLS files of the uplink, no key of the desk.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Final

from appliance.config import BusSettings
from appliance.mail.store import MailStore
from appliance.uplink.evidence import NOTHING_KNOWN
from appliance.uplink.pump import due_of
from provisioning.carry_folder import Stick
from provisioning.carry_seal import box_seal
from sync.carry import BODY_MAX, Place, Seal, Volume, Way
from sync.clock import Clock
from sync.envelope import PartRole
from sync.frames import (
    PIECE_MAX,
    SLIP_ITEM,
    Confirm,
    Hello,
    Offer,
    Piece,
    decode_frame,
    encode_frame,
)
from sync.outgoing import Due, Item
from sync.packing import FRAME_HEAD, Packer, in_order
from sync.sender import Sender

# Letters city hall is told of: what it may still be sending, and far more.
LETTERS_TOLD: Final = 2000
# What a volume's head and seal take at most.
VOLUME_HEAD: Final = 2048


@dataclass(frozen=True, slots=True)
class Exported:
    """What went onto the stick. `records` and `whole` count applications, of `waiting` in all; sizes in bytes."""

    waiting: int
    records: int
    whole: int
    files: int
    size: int
    full: bool
    damaged: tuple[str, ...]

    @property
    def all_on_it(self) -> bool:
        """Tell whether everything that waits is on the stick."""
        return self.whole == self.waiting


class Export:
    """One export. `limit` is what the stick may take in bytes, None: what it has; `body_max` is for one file."""

    def __init__(
        self,
        settings: BusSettings,
        shelf: MailStore,
        stick: Stick,
        clock: Clock,
        *,
        limit: int | None = None,
        body_max: int = BODY_MAX,
    ) -> None:
        self._device = settings.device
        self._shelf = shelf
        self._stick = stick
        self._clock = clock
        self._seal: Seal = box_seal(
            settings.uplink.certificate.read_bytes(), settings.uplink.key.read_bytes()
        )
        self._limit = limit
        self._left = 0
        self._body_max = body_max
        self._held = shelf.held()
        self._damaged: set[bytes] = set()
        self._loaded: list[tuple[bytes, int]] = []
        self._written = 0
        self._files = 0
        self._size = 0
        self._full = False

    def run(self) -> Exported:
        """Write the set and take older ones of this box off the stick; raises OSError."""
        every = (due_of(envelope) for envelope in self._shelf.due())
        dues = [due for due in (self._for_the_stick(one) for one in every) if due is not None]
        head = self._shelf.hall_head() or NOTHING_KNOWN
        sender = Sender(self._device, head.note, random=os.urandom, heartbeat_s=1.0)
        for due in dues:
            sender.add(due)
        sender.start(self._clock.monotonic())
        hello, *_ = sender.data_to_send()
        session = _session(hello)
        now = self._clock.now()
        self._shelf.keep_export(session.hex(), head, now)
        self._stick.prepare()
        mine = [one for one in self._stick.places(Way.UP) if one.device == self._device]
        self._stick.remove(mine)
        self._left = self._stick.room() if self._limit is None else self._limit
        first = Place(self._device, Way.UP, session, 1)
        packer = Packer(first, session, now.wall.replace(microsecond=0), body_max=self._body_max)
        self._write(packer, self._frames(hello, dues))
        return self._told(dues)

    def _for_the_stick(self, due: Due) -> Due | None:
        """Leave the originals to the depot; None where nothing else is left, city hall's receipt included."""
        items = tuple(one for one in due.items if one.role is not PartRole.ORIGINAL)
        there = all((due.env_id, one.item) in self._held for one in items)
        over = due.stage and there and len(items) < len(due.items)
        return None if over else replace(due, items=items)

    def _write(self, packer: Packer, frames: Iterator[bytes]) -> None:
        for frame in frames:
            size = FRAME_HEAD + len(frame)
            if self._left < size + VOLUME_HEAD:
                self._full = True
                break
            if not packer.room_for(frame):
                self._put(packer.take(last=False))
                self._left -= VOLUME_HEAD
            if self._full:
                return
            packer.add(frame)
            self._left -= size
        self._put(packer.take(last=True))

    def _put(self, volume: Volume) -> None:
        taken, size = self._stick.put_what_fits(volume, self._seal)
        self._written += taken
        self._files += bool(taken)
        self._size += size
        self._full = self._full or taken < len(volume.frames)

    def _frames(self, hello: bytes, dues: list[Due]) -> Iterator[bytes]:
        """Yield the session: hello, letters that are kept, every record, then what else city hall does not hold."""
        yield self._noted(hello)
        for letter_id, length in self._shelf.letter_lengths(LETTERS_TOLD):
            yield self._noted(encode_frame(Confirm(letter_id, SLIP_ITEM, length)))
        for due, item in in_order(dues):
            if item.item == SLIP_ITEM:
                offer = Offer(due.env_id, item.length, due.stage, fresh=False, receipt=due.receipt)
                yield self._noted(encode_frame(offer))
            if (due.env_id, item.item) not in self._held and due.env_id not in self._damaged:
                yield from self._pieces(due, item)

    def _pieces(self, due: Due, item: Item) -> Iterator[bytes]:
        for offset in range(0, item.length, PIECE_MAX):
            size = min(PIECE_MAX, item.length - offset)
            data = self._read(due.env_id, item.item, offset, size)
            if len(data) != size:
                # One bad place on the disk must not hold up the others; a person is told.
                self._damaged.add(due.env_id)
                return
            whole = offset + size == item.length
            frame = encode_frame(Piece(due.env_id, item.item, offset, data))
            yield self._noted(frame, (due.env_id, item.item) if whole else None)

    def _read(self, env_id: bytes, item: int, offset: int, size: int) -> bytes:
        try:
            return self._shelf.part_bytes(env_id, item, offset, size)
        except OSError:
            return b""

    def _noted(self, frame: bytes, whole: tuple[bytes, int] | None = None) -> bytes:
        """Remember which frame finished which item: only what is written counts."""
        self._loaded.append(whole or (b"", 0))
        return frame

    def _told(self, dues: list[Due]) -> Exported:
        there = set(self._loaded[: self._written]) | self._held
        return Exported(
            waiting=len(dues),
            records=sum((due.env_id, SLIP_ITEM) in there for due in dues),
            whole=sum(all((due.env_id, one.item) in there for one in due.items) for due in dues),
            files=self._files,
            size=self._size,
            full=self._full,
            damaged=tuple(sorted(env_id.hex() for env_id in self._damaged)),
        )


def export(settings: BusSettings, stick: Stick, clock: Clock, limit: int | None) -> Exported:
    """Put what waits onto a stick; `limit` bytes, else what is free less a share for the answer."""
    with closing(MailStore(settings.mail)) as shelf:
        return Export(settings, shelf, stick, clock, limit=limit).run()


def _session(hello: bytes) -> bytes:
    frame = decode_frame(hello)
    if not isinstance(frame, Hello):
        raise TypeError("carry: a session begins with its hello")
    return frame.session

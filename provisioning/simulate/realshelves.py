"""The real shelves on SQLite under a simulated day: `--stores real`. Slow; a machine stops between two calls."""

import functools
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from appliance.mail.store import MailStore
from cityhall.intake.clock import Time
from cityhall.mail.models import Arrival
from cityhall.mail.store import HallMail
from provisioning.simulate.boxdisk import BoxDisk, BoxRow, BoxTables
from provisioning.simulate.clocks import BoxClock
from provisioning.simulate.files import Files
from provisioning.simulate.halldisk import HallDisk, HallRow, HallTables
from provisioning.simulate.home import Home
from provisioning.simulate.pool import BUSES
from provisioning.simulate.power import Power
from sync.proof import log_leaf, whole_leaf

PLENTY: Final = 1 << 40
_FILLING: Final = frozenset({"write_piece", "commit_slips", "commit_part", "completed", "bus_came"})


class _Stepping:
    """Passes every call on to a real store; the machine may stop before and after it."""

    def __init__(self, store: Any, power: Power, refuse: Callable[[str], None]) -> None:
        self._store = store
        self._power = power
        self._refuse = refuse

    def __getattr__(self, name: str) -> Any:
        return functools.partial(self._call, name)

    def _call(self, name: str, *args: Any, **more: Any) -> Any:
        self._power.step(f"{name} before")
        self._refuse(name)
        answer = getattr(self._store, name)(*args, **more)
        self._power.step(f"{name} after")
        return answer


class RealShelves:
    """Makes shelves for the boxes and the hall of one world; their folders lie in `under`."""

    def __init__(self, under: Path) -> None:
        self._under = under

    def box(self, disk: BoxDisk, power: Power, clock: BoxClock) -> Any:
        """Return a box's shelf for one run of the machine."""
        del clock
        disk.home = disk.home or Home(self._under)
        store = MailStore(disk.home.path, free_bytes=lambda: PLENTY)
        disk.home.holds(store)
        return _Stepping(store, power, lambda _name: None)

    def hall(self, disk: HallDisk, power: Power, time: Time) -> Any:
        """Return city hall's shelf for one run of the machine."""
        del time
        disk.home = disk.home or Home(self._under)
        store = HallMail(disk.home.path)
        disk.home.holds(store)

        def refuse(name: str) -> None:
            if disk.full and name in _FILLING:
                raise OSError("the disk is full; make room")

        return _Stepping(store, power, refuse)


def see_box(disk: BoxDisk) -> None:
    """Read a box's real shelf into the tables the judge looks at."""
    if disk.home is None:
        return
    store = MailStore(disk.home.path, free_bytes=lambda: PLENTY)
    try:
        tables = BoxTables(journal=store.entries(), head=store.hall_head())
        tables.letters = {letter.letter_id: letter for letter in store.letters()}
        for row in store.outbox():
            tables.rows[row.env_id] = BoxRow(
                row.serial, row.env_id, row.kind, row.deadline, row.kept_at, row.state,
                row.journal_seq, row.box_receipt, (), (), row.hall_receipt, row.proof, row.filing_no,
                None if row.refusal is None else (row.refusal.code, row.refusal.sentence),
                row.settled_at, row.purged,
            )  # fmt: skip
    finally:
        store.close()
    disk.tables, disk.files = tables, Files()
    for name, data in disk.home.files("parts").items():
        env_id, item = name.split("/")
        if item.isdigit():
            disk.files.seen[bytes.fromhex(env_id), int(item)] = data


def see_hall(disk: HallDisk, posted: Mapping[str, Mapping[bytes, bytes]]) -> None:
    """Read city hall's real shelf into the tables the judge looks at; `posted` are the letters by bus."""
    if disk.home is None:
        return
    store = HallMail(disk.home.path)
    try:
        disk.tables = _hall_tables(store, posted)
    finally:
        store.close()
    disk.pieces, disk.blobs = Files(), Files()
    for name, data in disk.home.files("pieces").items():
        place, item = name.split("/")
        env_id, device = place.split("-", 1)
        disk.pieces.seen[device, bytes.fromhex(env_id), int(item)] = data
    for name, data in disk.home.files("blobs").items():
        _, env_id, index = name.split("/")
        if index.isdigit():
            disk.blobs.seen[bytes.fromhex(env_id), int(index)] = data


def _hall_tables(store: HallMail, posted: Mapping[str, Mapping[bytes, bytes]]) -> HallTables:
    arrivals = store.arrivals()
    tables = HallTables(log=_log(store, arrivals))
    for one in arrivals:
        answer = store.answer(one.env_id)
        if answer is None:
            continue
        tables.rows[one.env_id] = HallRow(
            one.serial, one.env_id, one.device, one.filing_no, one.log_index, one.received_at,
            store.slip(one.env_id), answer.receipt, tuple(part.length for part in one.parts),
            tuple(part.arrived for part in one.parts), answer.final_receipt,
        )  # fmt: skip
    waiting = {(name, letter) for name in BUSES for letter in store.letters_for(name)}
    for name, letters in posted.items():
        found = (store.letter(name, letter_id) for letter_id in letters)
        tables.letters.update(((name, one.letter_id), one) for one in found if one is not None)
    tables.delivered = frozenset(tables.letters.keys() - waiting)
    tables.pulls = frozenset(pull for name in BUSES for pull in store.pulls(name))
    return tables


def _log(store: HallMail, arrivals: list[Arrival]) -> tuple[bytes, ...]:
    """Make the log's leaves anew: each filing at its place, between them the envelopes as they became whole."""
    filed = {one.log_index: one for one in arrivals}
    whole = sorted((one for one in arrivals if one.complete), key=lambda one: one.moved)
    leaves = []
    for place in range(len(filed) + len(whole)):
        one, leaf = (filed[place], log_leaf) if place in filed else (whole.pop(0), whole_leaf)
        leaves.append(leaf(hashlib.sha256(store.slip(one.env_id)).digest(), one.filing_no))
    return tuple(leaves)

"""City hall's shelf in memory: the methods of `cityhall.mail.store.HallMail` that the intake uses, step by step.

tests/simulation/test_shelves_agree.py runs the same facts against this one and against the real one.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from cityhall.mail.arrivals import Slip
from cityhall.mail.models import Arrived, Have, Witness
from cityhall.mail.store import HALF_AGE, HALF_ITEMS_LIMIT, OtherBoxError, TooManyPiecesError
from cityhall.mail.times import fiscal_year
from provisioning.simulate.halldisk import FILINGS, HallRow, HallTables
from provisioning.simulate.halltrays import HallTrays, with_part
from sync.ids import SERIAL_MAX, filing_number, filing_parts
from sync.proof import log_leaf, whole_leaf


class HallShelf(HallTrays):
    """Envelopes and the log, step by step; dead with its `power`."""

    def sweep(self, now: datetime) -> int:
        """Forget half envelopes that nobody went on with for long."""
        self._power.look()
        last: dict[tuple[str, bytes], datetime] = {}
        for device, env_id, item in self._disk.pieces.seen:
            touched = self._disk.touched.get((device, env_id, item), now)
            last[device, env_id] = max(touched, last.get((device, env_id), touched))
        old = [name for name, touched in last.items() if touched < now - HALF_AGE]
        for name in [one for one in self._disk.pieces.seen if one[:2] in old]:
            self._disk.pieces.remove(name)
        return len(old)

    # Envelopes.

    def have(self, device: str, env_id: bytes) -> Have:
        """Tell a box what is durable of its envelope."""
        row = self._reading().rows.get(env_id)
        if row is None:
            return Have(0, {0: (0, self._held(device, env_id, 0))})
        if row.device != device:
            raise OtherBoxError(f"offer: {env_id.hex()} was filed by another box")
        items = {0: (len(row.slip), len(row.slip))}
        for index, (length, here) in enumerate(zip(row.lengths, row.arrived, strict=True)):
            held = self._held(device, env_id, index + 1)
            items[index + 1] = (length, length if here else held if held < length else 0)
        return Have(1 if row.final_receipt is None else 2, items)

    def write_piece(self, device: str, env_id: bytes, item: int, offset: int, data: bytes) -> int:
        """Write a piece; returns the durable length."""
        self._power.step("piece before")
        self._refuse_when_full()
        pieces = self._disk.pieces
        if offset == 0:
            here = sum(name[:2] == (device, env_id) for name in pieces.seen)
            if here >= HALF_ITEMS_LIMIT:
                raise TooManyPiecesError(f"{HALF_ITEMS_LIMIT} half items")
        name = (device, env_id, item)
        self._disk.touched[name] = self._now()
        old = pieces.seen.get(name, b"")
        if offset > len(old):
            raise ValueError(f"pieces: a piece at {offset} leaves a gap after {len(old)} bytes")
        pieces.grow(name, old[:offset] + data + old[offset + len(data) :])
        self._power.step("piece written")
        pieces.sync(name)
        self._power.step("piece after")
        return max(len(old), offset + len(data))

    def read_pieces(self, device: str, env_id: bytes, item: int) -> bytes:
        """Return what came of an item so far."""
        self._power.look()
        try:
            return self._disk.pieces.seen[device, env_id, item]
        except KeyError as error:
            raise FileNotFoundError(f"{env_id.hex()}-{device}/{item}") from error

    def drop_pieces(self, device: str, env_id: bytes, item: int) -> None:
        """Forget an item."""
        self._power.step("drop")
        self._disk.pieces.remove((device, env_id, item))

    def commit_slips(self, slips: Sequence[Slip]) -> list[Arrived]:
        """File several slips in one transaction."""
        with self._writing("slips") as tables:
            answers = [self._file(tables, slip) for slip in slips]
        for slip in slips:
            self.drop_pieces(slip.device, slip.header.env_id, 0)
        return answers

    def _file(self, tables: HallTables, slip: Slip) -> Arrived:
        known = tables.rows.get(slip.header.env_id)
        if known is not None:
            return _answer(known, fresh=False, same=known.slip == slip.data)
        number, received_at = self._numbered(tables, slip)
        index = len(tables.log)
        tables.log = (*tables.log, log_leaf(slip.sha256, number))
        row = HallRow(
            serial=len(tables.rows) + 1,
            env_id=slip.header.env_id,
            device=slip.device,
            filing_no=number,
            log_index=index,
            received_at=received_at,
            slip=slip.data,
            receipt=slip.receipt_for(number, index),
            lengths=tuple(part.length for part in slip.header.parts),
            arrived=(False,) * len(slip.header.parts),
        )
        tables.rows[row.env_id] = row
        return _answer(row, fresh=True)

    def _numbered(self, tables: HallTables, slip: Slip) -> tuple[str, datetime]:
        earlier = slip.earlier
        if earlier is not None:
            year, serial = filing_parts(earlier.filing_no)
            name = f"{FILINGS}{year}"
            tables.counters[name] = max(tables.value(name), serial)
            if all(row.filing_no != earlier.filing_no for row in tables.rows.values()):
                return earlier.filing_no, earlier.received_at
        year = fiscal_year(slip.received_at)
        return filing_number(year, tables.bump(f"{FILINGS}{year}")), slip.received_at

    def commit_part(self, env_id: bytes, index: int, data: bytes) -> bool:
        """Keep a part that matched its root; returns whether every part is here now."""
        self._power.step("blob before")
        self._refuse_when_full()
        self._disk.blobs.put((env_id, index), data)
        self._power.step("blob written")
        self._sync_blob((env_id, index))
        with self._writing("part") as tables:
            row = with_part(tables, env_id, index)
            arrived = tuple(here or n == index for n, here in enumerate(row.arrived))
            tables.rows[env_id] = replace(row, arrived=arrived)
            tables.pulls -= {(env_id, index)}
        self.drop_pieces(row.device, env_id, index + 1)
        return all(arrived)

    def _sync_blob(self, name: tuple[bytes, int]) -> None:
        self._disk.blobs.sync(name)

    def is_whole(self, env_id: bytes) -> bool:
        """Tell whether every part of a filed envelope is here."""
        row = self._reading().rows.get(env_id)
        return row is None or all(row.arrived)

    def completed(self, env_id: bytes, receipt_for: Callable[[str, int], bytes]) -> bytes:
        """Keep and return the stage 2 receipt of an envelope whose parts are all here."""
        with self._writing("complete") as tables:
            row = tables.rows.get(env_id)
            if row is None or not all(row.arrived):
                raise ValueError(f"hall shelf: envelope {env_id.hex()} is not complete")
            receipt = row.final_receipt
            if receipt is None:
                receipt = receipt_for(row.filing_no, row.log_index)
                leaf = whole_leaf(hashlib.sha256(row.slip).digest(), row.filing_no)
                tables.log = (*tables.log, leaf)
                tables.rows[env_id] = replace(row, final_receipt=receipt)
        for name in list(self._disk.pieces.seen):
            if name[:2] == (row.device, env_id):
                self._disk.pieces.remove(name)
        return receipt

    def answer(self, env_id: bytes) -> Arrived | None:
        """Return what a bus was told about an envelope, or None."""
        row = self._reading().rows.get(env_id)
        return None if row is None else _answer(row, fresh=False)

    def slip(self, env_id: bytes) -> bytes:
        """Return an envelope's slip; raises KeyError."""
        return self._reading().rows[env_id].slip

    def part(self, env_id: bytes, index: int) -> bytes | None:
        """Return one sealed part, or None."""
        self._power.look()
        return self._disk.blobs.seen.get((env_id, index))

    # The log.

    def log_size(self) -> int:
        """Return the number of leaves."""
        return len(self._reading().log)

    def log_root(self, size: int) -> bytes:
        """Return the log's root over its first `size` filings."""
        self._power.look()
        return self._disk.tree().root(size)

    def witness(self, known_size: int, index: int | None = None) -> Witness:
        """Return one consistent view of the log."""
        self._power.look()
        tree = self._disk.tree()
        size = len(tree)
        growth = tree.consistency(known_size) if 0 < known_size < size else []
        inclusion = [] if index is None else tree.inclusion(index)
        highest = self._disk.tables.highest()
        return Witness(size, tree.root(), tuple(growth), tuple(inclusion), highest)

    def witness_at_hand(self, known_size: int, index: int) -> Witness | None:
        """Return the same for what was filed here; None when it must be read."""
        size = len(self._reading().log)
        return None if index >= size or known_size > size else self.witness(known_size, index)

    def skip_numbers(self, year: int, known: int, margin: int) -> bool:
        """Leave out what a lost shelf gave out; False when done already."""
        with self._writing("skip") as tables:
            filings, skipped = f"{FILINGS}{year}", f"skipped-R{year}"
            if tables.value(skipped) and known <= tables.value(skipped):
                return False
            raised = min(SERIAL_MAX, max(tables.value(filings), known) + margin)
            tables.counters[filings] = tables.counters[skipped] = raised
            return True


def _answer(row: HallRow, *, fresh: bool, same: bool = True) -> Arrived:
    return Arrived(
        row.env_id,
        row.filing_no,
        row.log_index,
        row.received_at,
        row.receipt,
        row.final_receipt,
        fresh,
        same,
    )

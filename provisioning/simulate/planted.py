"""Bugs on purpose, one a city, to show that the judge has eyes; none of them is in the product."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from appliance.mail.models import HallHead
from appliance.uplink.evidence import Evidence, HistoryBrokenError, Proven
from cityhall.mail.arrivals import Slip
from cityhall.mail.models import Arrived, Have, Witness
from provisioning.simulate.box import Built
from provisioning.simulate.boxdisk import BoxTables
from provisioning.simulate.boxshelf import BoxShelf
from provisioning.simulate.day import play
from provisioning.simulate.halldisk import HallTables
from provisioning.simulate.hallshelf import HallShelf
from provisioning.simulate.profile import Fault
from provisioning.simulate.world import Plant
from sync.clock import Instant
from sync.errors import FailureKind, SealError
from sync.events import Receipted
from sync.receipt import ARRIVED, HallReceipt, read_receipt

DAYS_MAX: Final = 3000


class _AckBeforeSync(BoxShelf):
    """Shows the receipt before the row is on the platter."""

    def _commit(self, name: str, tables: BoxTables) -> None:
        self._disk.synced = self._disk.tables if name == "keep" else None
        super()._commit(name, tables)


class _NoSync(BoxShelf):
    """Leaves it to the kernel when rows reach the platter."""

    def _commit(self, name: str, tables: BoxTables) -> None:
        if self._disk.synced is None or len(tables.journal) % 4 == 0:
            self._disk.synced = self._disk.tables
        super()._commit(name, tables)


class _LetterBeforeSync(BoxShelf):
    """Confirms a letter that is not on the platter yet."""

    def _commit(self, name: str, tables: BoxTables) -> None:
        self._disk.synced = self._disk.tables if name == "letter" else None
        super()._commit(name, tables)


class _DeleteOnSend(BoxShelf):
    """Removes a file as soon as its last byte was read for the wire."""

    def part_bytes(self, env_id: bytes, item: int, offset: int, length: int) -> bytes:
        """Return a piece and forget the file behind the last one."""
        whole = self._file(env_id, item)
        if offset + length >= len(whole):
            self._disk.files.remove((env_id, item))
        return whole[offset : offset + length]


class _PurgeOnReceipt(BoxShelf):
    """Removes the payload with city hall's word instead of days later."""

    def complete(
        self,
        env_id: bytes,
        receipt: bytes,
        proof: bytes | None = None,
        *,
        filing_no: str = "",
        head: HallHead | None = None,
        at: Instant | None = None,
    ) -> bool:
        """Keep the receipt and purge."""
        told = super().complete(env_id, receipt, proof, filing_no=filing_no, head=head, at=at)
        with self._writing("purge") as tables:
            tables.rows[env_id] = replace(tables.rows[env_id], purged=True)
        self._remove_files(env_id)
        return told


class _NoRearm(BoxShelf):
    """Notices that city hall forgot, and offers nothing again."""

    def rearm(self, now: Instant, head: HallHead) -> list[bytes]:
        """Take the new head and write the alarm."""
        with self._writing("rearm") as tables:
            self._append(tables, "alarm", head.root, now)
            tables.head, tables.proven_at, self._known = head, now.wall, head
        return []


class _NoLogCheck(Evidence):
    """Believes every signed head."""

    def grown(self, known: HallHead, note: str, path: tuple[bytes, ...]) -> HallHead:
        """Return the head without asking whether it extends the known one."""
        del known, path
        found = self._checkpoint(note)
        return HallHead(found.size, found.root, note)


class _SizeCheckOnly(_NoLogCheck):
    """Believes every signed head that is not smaller."""

    def grown(self, known: HallHead, note: str, path: tuple[bytes, ...]) -> HallHead:
        """Return the head unless it is smaller."""
        head = super().grown(known, note, path)
        if head.size < known.size:
            raise HistoryBrokenError(known, head)
        return head


class _NoInclusionProof(Evidence):
    """Believes a receipt without its place in the log."""

    def receipt(self, known: HallHead, event: Receipted) -> Proven:
        """Return the receipt once its signature holds."""
        found = read_receipt(event.receipt, self._trust.bundle())
        if not isinstance(found, HallReceipt):
            raise SealError(FailureKind.HEADER, "receipt: not the hall's")
        return Proven(found, self.told_head(known, event))


class _NoDedupe(HallShelf):
    """Files an envelope as often as its slip comes."""

    def have(self, device: str, env_id: bytes) -> Have:
        """Tell of nothing that is not complete."""
        found = super().have(device, env_id)
        return found if found.stage != ARRIVED else Have(0, {0: (0, 0)})

    def _file(self, tables: HallTables, slip: Slip) -> Arrived:
        known = tables.rows.get(slip.header.env_id)
        if known is not None and known.final_receipt is None:
            del tables.rows[known.env_id]
        return super()._file(tables, slip)


class _ReplyBeforeCommit(HallShelf):
    """Hands out receipts for rows that are not on the platter yet."""

    def _commit(self, name: str, tables: HallTables) -> None:
        self._disk.synced = self._disk.tables if name == "slips" else None
        super()._commit(name, tables)


class _RowBeforeBlob(HallShelf):
    """Calls a part arrived whose bytes are not on the platter yet."""

    def _sync_blob(self, name: tuple[bytes, int]) -> None:
        """Leave it to the kernel."""


class _RenumberAfterRestore(HallShelf):
    """Gives a lost envelope a new number."""

    def _file(self, tables: HallTables, slip: Slip) -> Arrived:
        return super()._file(tables, replace(slip, earlier=None))


class _NoMargin(HallShelf):
    """Hears of a loss and leaves no numbers out."""

    def skip_numbers(self, year: int, known: int, margin: int) -> bool:
        """Do nothing."""
        del year, known, margin
        return False


class _WrongOffset(HallShelf):
    """Says that it holds one byte more of a half item than it does."""

    def have(self, device: str, env_id: bytes) -> Have:
        """Tell one byte too much."""
        found = super().have(device, env_id)
        items = {
            item: (length, held + 1 if 0 < held < length - 1 else held)
            for item, (length, held) in found.items.items()
        }
        return Have(found.stage, items)


class RowWithoutLeaf(HallShelf):
    """Loses a leaf of its log now and then: no bug of the product, but what a damaged city hall may do."""

    def _file(self, tables: HallTables, slip: Slip) -> Arrived:
        log = tables.log
        arrived = super()._file(tables, slip)
        if arrived.fresh and slip.header.env_id[0] % 4 == 0:
            tables.log = log
        return arrived

    def witness(self, known_size: int, index: int | None = None) -> Witness:
        """Return the view, with an empty proof where there is none."""
        if index is not None and index >= self.log_size():
            return super().witness(known_size)
        return super().witness(known_size, index)


_RESTORE: Final = frozenset({Fault.RESTORE})
_DARK: Final = frozenset({Fault.BOX_DARK})
_HALL_DARK: Final = frozenset({Fault.HALL_DARK})
_CUT: Final = frozenset({Fault.CUT})

PLANTS: Final[Mapping[str, Plant]] = MappingProxyType(
    {
        plant.name: plant
        for plant in (
            Plant("no-dedupe", hall=_NoDedupe, always=_CUT),
            Plant(
                "new-id-on-retry",
                new_id_on_retry=True,
                always=frozenset({Fault.BOX_KILL}),
                enough=("I2",),
            ),
            Plant("delete-on-send", box=Built(shelf=_DeleteOnSend)),
            Plant("ack-before-sync", box=Built(shelf=_AckBeforeSync), always=_DARK),
            Plant("no-sync", box=Built(shelf=_NoSync), always=_DARK),
            Plant(
                "letter-before-sync",
                box=Built(shelf=_LetterBeforeSync),
                always=_DARK,
                enough=("I6",),
            ),
            Plant("reply-before-commit", hall=_ReplyBeforeCommit, always=_HALL_DARK),
            Plant("row-before-blob", hall=_RowBeforeBlob, always=_HALL_DARK),
            Plant("purge-on-receipt", box=Built(shelf=_PurgeOnReceipt), always=_RESTORE),
            Plant("no-rearm", box=Built(shelf=_NoRearm), always=_RESTORE),
            Plant("no-log-check", box=Built(evidence=_NoLogCheck), always=_RESTORE),
            Plant("size-check-only", box=Built(evidence=_SizeCheckOnly), always=_RESTORE),
            Plant(
                "no-inclusion-proof",
                box=Built(evidence=_NoInclusionProof),
                hall=RowWithoutLeaf,
                enough=("I5",),
            ),
            Plant("renumber-after-restore", hall=_RenumberAfterRestore, always=_RESTORE),
            Plant("no-margin", hall=_NoMargin, always=_RESTORE),
            Plant("wrong-offset", hall=_WrongOffset, always=_CUT),
        )
    }
)


@dataclass(frozen=True, slots=True)
class Found:
    """How many days it took, and what was seen."""

    days: int
    violation: str


def hunt(name: str, folder: Path, days: int = DAYS_MAX) -> Found | None:
    """Play days with a planted bug until the judge sees it; None when it never does."""
    plant = PLANTS[name]
    for seed in range(days):
        for violation in play(seed, folder, plant).violations:
            if not plant.enough or violation.startswith(plant.enough):
                return Found(seed + 1, violation)
    return None

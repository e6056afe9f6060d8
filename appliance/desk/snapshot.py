"""The visit's draft as one text: all decisions, no pictures. Sealed and kept at every step."""

from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from appliance.desk.batch import Batch
from appliance.desk.custody import Step
from appliance.desk.tally import NOTHING, Tally
from sync.errors import LocalError

SNAPSHOT_NAME = "visit"
BATCHES_MAX = 300
"""Stacks and single cases of one visit; a day has a tenth of them, and a picture's name three digits for theirs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to the division (id as hex, ISO time); `about` is an application's id, or nothing for the stop.

    `case` is the case it goes to, as hex; the procedure's id stands with it.
    """

    question: str
    about: str
    case: str
    procedure: str
    text: str
    asked_at: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a restart needs: the stop (letter id of its visit pack) and the batches so far.

    `front` is the place of the batch in work, -1 for the newest: a paused one is taken up again in its place.
    `custody` has every change of where an original is, oldest first.
    `surveyed` names whose survey sheet was given or passed over: provider, staff, citizen/NUMBER of the batch.
    """

    pack: str = ""
    provider_no: str = ""
    provider_name: str = ""
    batches: tuple[Batch, ...] = ()
    front: int = -1
    questions: tuple[Asked, ...] = ()
    surveyed: tuple[str, ...] = ()
    tally: Tally = NOTHING
    custody: tuple[Step, ...] = ()

    @property
    def current(self) -> Batch | None:
        """The batch in work, or the one handed in last."""
        return self.batches[self.front] if self.batches else None

    @property
    def place(self) -> int:
        """The place of the batch in work, counted from 0."""
        return len(self.batches) - 1 if self.front < 0 else self.front

    def changed(self, batch: Batch) -> "Snapshot":
        """Return the draft with this batch in the place of the one in work."""
        before, after = self.batches[: self.place], self.batches[self.place + 1 :]
        return replace(self, batches=(*before, batch, *after))

    def begun(self, batch: Batch) -> "Snapshot":
        """Return the draft with one more batch, which is the one in work now.

        A case at the end that was never begun gives way to it. Raises LocalError over `BATCHES_MAX`.
        """
        last = self.batches[-1] if self.batches else None
        kept = self.batches[:-1] if last is not None and self._untouched(last) else self.batches
        if len(kept) >= BATCHES_MAX:
            raise LocalError(f"visit: at most {BATCHES_MAX} batches; close this visit first")
        return replace(self, batches=(*kept, batch), front=-1)

    def _untouched(self, batch: Batch) -> bool:
        """Tell whether nothing would be lost with a batch: no answer, no page, no original."""
        bags = {step.app_id for step in self.custody}
        held = any(item.app_id in bags for item in batch.applications)
        return batch.idle and not (batch.sheets or batch.dropped or held)


class SnapshotLost(Exception):  # noqa: N818 - a fact about the draft
    """The draft's text is not one this program wrote."""


_SHAPE = TypeAdapter(Snapshot)


def encode_snapshot(snapshot: Snapshot) -> bytes:
    """Return the draft as JSON bytes."""
    return _SHAPE.dump_json(snapshot)


def decode_snapshot(data: bytes) -> Snapshot:
    """Return the draft; raises SnapshotLost for anything this program did not write."""
    try:
        return _SHAPE.validate_json(data)
    except ValidationError as error:
        raise SnapshotLost("draft: not readable; close the visit and feed again") from error

"""The visit's draft as one text: all decisions, no pictures. Sealed and kept at every step."""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from appliance.desk.batch import Batch

SNAPSHOT_NAME = "visit"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything a restart needs: the stop (letter id of its visit pack) and the batches so far."""

    pack: str = ""
    provider_no: str = ""
    provider_name: str = ""
    batches: tuple[Batch, ...] = ()

    @property
    def current(self) -> Batch | None:
        """The batch in work, or the one handed in last."""
        return self.batches[-1] if self.batches else None


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

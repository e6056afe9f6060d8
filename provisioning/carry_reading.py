"""An export as it is read at city hall: volume after volume, each proven to be the same box's."""

from collections.abc import Iterator

from cityhall.intake.clock import Time
from provisioning.carry_folder import Stick
from provisioning.carry_seal import sealed_by_box
from sync.carry import Place, Volume
from sync.errors import PeerError
from sync.refusals import Refused


class Reading:
    """The volumes of one export: each is whole and sealed by the same box, or is passed over and named."""

    def __init__(self, stick: Stick, places: list[Place], authorities: bytes, time: Time) -> None:
        self._stick = stick
        self._places = places
        self._authorities = authorities
        self._time = time
        self.problems: list[str] = []
        if places[0].number != 1:
            raise PeerError(Refused.NOT_UNDERSTOOD, "carry: file 1 is missing; export again")
        # A stick is slow: its first file is not read twice.
        self._first: Volume | None = self._open(places[0])
        self.session = self._first.session

    def frames(self) -> Iterator[bytes]:
        """Yield the frames of every sound volume in order."""
        expected = 1
        for place in self._places:
            if expected < place.number:
                self.problems.append(f"files {expected} to {place.number - 1} are missing")
            expected = place.number + 1
            try:
                found = self._taken() or self._open(place)
            except (PeerError, OSError) as error:
                self.problems.append(f"file {place.number}: {error}")
                continue
            yield from found.frames
            if found.last:
                return
        self.problems.append(f"file {expected} is missing; the export was cut short")

    def _taken(self) -> Volume | None:
        first, self._first = self._first, None
        return first

    def _open(self, place: Place) -> Volume:
        found = self._stick.read(place)
        name = sealed_by_box(found, self._authorities, self._time.now())
        if name != place.device:
            raise PeerError(
                Refused.OTHER_DEVICE,
                f"carry file: sealed by {name!r}, named after {place.device!r}; nothing of it was taken",
            )
        return found.volume

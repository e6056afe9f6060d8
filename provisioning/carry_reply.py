"""City hall's answer to a stick, as it grows."""

from collections import Counter
from typing import Final

from provisioning.carry_folder import Stick
from sync.carry import Seal, Volume, Way
from sync.frames import Confirm, Down, Frame, Have, Receipt, Refuse, Welcome
from sync.packing import Packer
from sync.receipt import COMPLETE
from sync.refusals import ends_session

# What of city hall's word is of use on a stick: no time (it would answer no nonce), no sign of life.
_OF_USE: Final = (Welcome, Have, Confirm, Receipt, Refuse, Down)


class Reply:
    """City hall's answer as it grows: receipts first, letters behind them, volume after volume onto the stick."""

    def __init__(self, stick: Stick, seal: Seal, packer: Packer) -> None:
        self._stick = stick
        self._seal = seal
        self._packer = packer
        self._letters: list[tuple[Down, bytes]] = []
        self.count: Counter[str] = Counter()
        self.code = 0
        self.refusal = ""
        self.problem = ""

    def heard(self, frame: Frame, message: bytes) -> None:
        """Note one word of city hall."""
        if isinstance(frame, Down):
            self._letters.append((frame, message))
        elif isinstance(frame, _OF_USE):
            self._add(message)
        if isinstance(frame, Receipt):
            self.count["complete" if frame.stage == COMPLETE else "filed"] += 1
        if isinstance(frame, Refuse):
            self.count["refused"] += bool(frame.thing_id)
            if ends_session(frame.code):
                self.code, self.refusal = frame.code, f"{frame.code} {frame.sentence}"

    def finish(self, confirmed: set[tuple[bytes, int]]) -> None:
        """Put the letters behind, except those the bus holds, and end the set; older answers leave the stick."""
        mine = self._packer.place
        before = self._stick.places(Way.DOWN)
        for frame, message in self._letters:
            if (frame.letter_id, frame.total) not in confirmed:
                self.count["letters"] += frame.offset + len(frame.data) == frame.total
                self._add(message)
        if self._put(self._packer.take(last=True)):
            older = [one for one in before if one.device == mine.device]
            self._stick.remove(one for one in older if one.set_id != mine.set_id)

    def _add(self, message: bytes) -> None:
        if not self._packer.room_for(message):
            self._put(self._packer.take(last=False))
        self._packer.add(message)

    def _put(self, volume: Volume) -> bool:
        """Write a volume; what city hall took stays taken when the stick takes no answer."""
        if self.problem:
            return False
        try:
            self._stick.put(volume, self._seal)
        except OSError as error:
            self.problem = (
                f"the answer does not go onto the stick ({error.strerror}); make room and import again, "
                "nothing is filed twice"
            )
            return False
        self.count["files"] += 1
        return True

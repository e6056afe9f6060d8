"""The way down at both ends: letters that go down piece by piece, and the one that is half here."""

from dataclasses import dataclass
from typing import Final

from sync.errors import PeerError
from sync.frames import LETTER_MAX, Down
from sync.refusals import Refused

# Letters given to the hall's machine and not yet confirmed.
LETTERS_AHEAD: Final = 4
# Bytes of those after which no further one is taken: a stick takes many ahead, and both ends hold them in memory.
LETTERS_BYTES: Final = LETTERS_AHEAD * LETTER_MAX
DOWN_BYTES: Final = 16 * 1024


@dataclass(slots=True)
class Letterbox:
    """The bus's half letter. The shell gives the same box to the next session, so that a cut costs nothing."""

    letter_id: bytes = b""
    data: bytes = b""

    def take(self, frame: Down) -> bytes | None:
        """Add a piece; returns the whole body once it is there. A piece before our place is an old one.

        Raises PeerError(OUT_OF_ORDER) for a gap and for more bytes than were announced.
        """
        if frame.letter_id != self.letter_id:
            self.letter_id, self.data = frame.letter_id, b""
        held = len(self.data)
        end = frame.offset + len(frame.data)
        if frame.offset > held or end > frame.total:
            raise PeerError(
                Refused.OUT_OF_ORDER,
                f"letter: bytes {frame.offset} to {end} of {frame.total} do not follow {held}",
            )
        self.data += frame.data[held - frame.offset :]
        if len(self.data) < frame.total:
            return None
        body = self.data
        self.letter_id, self.data = b"", b""
        return body


@dataclass(slots=True)
class _Letter:
    letter_id: bytes
    kind: str
    body: bytes
    offset: int
    begun: bool = False


class LettersDown:
    """The hall's letters of one session, sent one after the other, a piece at a time; `ahead` before a confirmation."""

    def __init__(self, ahead: int = LETTERS_AHEAD) -> None:
        self._ahead = ahead
        self._letters: list[_Letter] = []
        self._refused: set[bytes] = set()
        self._half = (b"", 0)

    @property
    def room(self) -> int:
        """How many more letters are taken now."""
        if sum(len(letter.body) for letter in self._letters) >= LETTERS_BYTES:
            return 0
        return self._ahead - len(self._letters)

    def half_here(self, letter_id: bytes, size: int) -> None:
        """Note that the bus holds the first `size` bytes of a letter from an earlier session."""
        self._half = (letter_id, size)

    def put(self, letter_id: bytes, kind: str, body: bytes) -> bool:
        """Take a letter; False when it is under way, was refused in this session, or there is no room."""
        known = letter_id in self._refused or any(
            letter.letter_id == letter_id for letter in self._letters
        )
        if known or self.room < 1:
            return False
        half_id, held = self._half
        offset = held if half_id == letter_id and held < len(body) else 0
        self._letters.append(_Letter(letter_id, kind, body, offset))
        return True

    def piece(self) -> Down | None:
        """Return the next piece, or None when all is sent."""
        for letter in self._letters:
            if letter.offset < len(letter.body) or not letter.begun:
                start = letter.offset
                data = letter.body[start : start + DOWN_BYTES]
                letter.offset += len(data)
                letter.begun = True
                return Down(letter.letter_id, letter.kind, start, len(letter.body), data)
        return None

    def confirm(self, letter_id: bytes, size: int) -> bool:
        """Note that the bus holds a letter durably; False for a stranger or another length."""
        for letter in self._letters:
            if letter.letter_id == letter_id and len(letter.body) == size:
                self._letters.remove(letter)
                return True
        return False

    def refuse(self, letter_id: bytes) -> None:
        """Do not send a letter again in this session."""
        self._letters = [one for one in self._letters if one.letter_id != letter_id]
        self._refused.add(letter_id)

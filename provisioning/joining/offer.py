"""One offer of a depot: a code for one box, its tries, its end. Pure: lines and the time in, answers out.

    open -- right proof --> claimed -- both screens agree --> admitted -- the box has it --> taken
      |                        |
      |  5 wrong proofs        |  somebody else with the right proof, other words, time over
      '------> closed <--------'

The first box with the right proof has the code to itself. A second one means that the code was overheard:
before the admission the offer ends without a certificate, after it the depot is told to revoke.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from provisioning.joining.answer import encode_refusal, encode_reveal
from provisioning.joining.code import Code
from provisioning.joining.errors import EnrolRefused
from provisioning.joining.hello import Hello
from provisioning.joining.wish_line import Asked, WrongProofError, read_wish
from provisioning.joining.words import words_of

OFFER_S: Final = 15 * 60.0
TRIES: Final = 5


class Standing(Enum):
    """Where an offer stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    ADMITTED = "admitted"
    TAKEN = "taken"
    CLOSED = "closed"


SENTENCES: Final = {
    EnrolRefused.NOT_UNDERSTOOD: "enrol: the depot does not understand this box; use the same version on both",
    EnrolRefused.WRONG_CODE: "enrol: this is not the depot's code; read it again from the depot's screen",
    EnrolRefused.NO_TRIES_LEFT: f"enrol: {TRIES} wrong codes came; this code counts no more. Offer the box anew",
    EnrolRefused.EXPIRED: "enrol: the code's time is over; offer the box anew",
    EnrolRefused.OVERHEARD: (
        "enrol: two boxes came with this code, so somebody overheard it; it counts no more. "
        "Tell the depot; if a box was admitted, revoke its name at once"
    ),
    EnrolRefused.DECLINED: "enrol: the depot said that the words differ; nothing was issued. Offer the box anew",
    EnrolRefused.NOT_POSSIBLE: "enrol: the city cannot admit this box",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """What a line of a box led to: what is answered, and whether that box is to wait for the decision."""

    answer: str
    waits: bytes = b""


class Offer:
    """One box is waited for under one code."""

    def __init__(self, code: Code, hello: Hello, nonce: bytes, now: float) -> None:
        self._code = code
        self.hello = hello
        self._nonce = nonce
        self.deadline = now + OFFER_S
        self.tries = TRIES
        self.standing = Standing.OPEN
        self.cause: EnrolRefused | None = None
        self.overheard = False
        self.asked: Asked | None = None
        self._answer = ""

    def hear(self, line: str, now: float) -> Heard:
        """Follow a box's first line; only the right proof is answered with the nonce."""
        self.tick(now)
        if self.standing is Standing.CLOSED:
            return self._refused(self.cause or EnrolRefused.EXPIRED)
        try:
            asked = read_wish(line, self.hello.digest, self._code)
        except WrongProofError:
            return self._wrong()
        except ValueError:
            return self._refused(EnrolRefused.NOT_UNDERSTOOD)
        if self.asked is not None and asked.digest != self.asked.digest:
            return self._second()
        if asked.wish.device != self.hello.device:
            return self._refused(EnrolRefused.NOT_UNDERSTOOD)
        if self.asked is None:
            self.asked, self.standing = asked, Standing.CLAIMED
        return Heard(encode_reveal(self._nonce), asked.digest)

    def words(self) -> tuple[str, ...]:
        """Return what the depot's screen shows beside the box's; empty while nobody came."""
        return () if self.asked is None else words_of(self.asked.words(self._nonce))

    def admitted(self, answer: str) -> None:
        """Note that the city knows the box now; `answer` is durable and may be said."""
        if self.standing is Standing.CLAIMED:
            self.standing, self._answer = Standing.ADMITTED, answer

    def close(self, cause: EnrolRefused, sentence: str = "") -> None:
        """End the offer without a certificate; an admitted box stays admitted."""
        if self.standing in {Standing.OPEN, Standing.CLAIMED}:
            self.standing, self.cause = Standing.CLOSED, cause
            self._answer = encode_refusal(cause, sentence or SENTENCES[cause])

    def taken(self) -> None:
        """Note that the box has its admission on its disk."""
        if self.standing is Standing.ADMITTED:
            self.standing = Standing.TAKEN

    def decision(self) -> str:
        """Return what a waiting box is told; empty while there is no decision."""
        return self._answer

    def tick(self, now: float) -> None:
        """Close the offer when its time is over."""
        if now >= self.deadline:
            self.close(EnrolRefused.EXPIRED)

    def _wrong(self) -> Heard:
        self.tries = max(0, self.tries - 1)
        if not self.tries:
            self.close(EnrolRefused.NO_TRIES_LEFT)
            return self._refused(EnrolRefused.NO_TRIES_LEFT)
        return self._refused(EnrolRefused.WRONG_CODE)

    def _second(self) -> Heard:
        self.overheard = True
        self.close(EnrolRefused.OVERHEARD)
        return self._refused(EnrolRefused.OVERHEARD)

    def _refused(self, number: EnrolRefused) -> Heard:
        return Heard(encode_refusal(number, SENTENCES[number]))

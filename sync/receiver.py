"""City hall's end of a session: bytes and `now` in; events, frames and the next timer out. It holds no key.

The shell feeds `receive`, acts on each `next_event` before it asks for another, and sends `data_to_send`.
"""

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from sync.errors import LocalError, PeerError
from sync.events import (
    BusHello,
    BusTold,
    Ended,
    Event,
    JournalTold,
    LetterRefused,
    LetterTaken,
    Offered,
    PieceCame,
    TimeAsked,
)
from sync.frames import (
    SENTENCE_MAX,
    Confirm,
    Frame,
    Hello,
    Journal,
    Offer,
    Piece,
    Ping,
    Pong,
    Pull,
    Receipt,
    Refuse,
    Time,
    Welcome,
    Witness,
    decode_frame,
    encode_frame,
)
from sync.incoming import EARLY_LIMIT, Incoming, Verdict
from sync.letterbox import LETTERS_AHEAD, LettersDown
from sync.refusals import Refused, ends_session
from sync.states import Role, Session, State

ENVELOPES_LIMIT: Final = 8192
INBOX_LIMIT: Final = 1024
PULLS_LIMIT: Final = 1024
HELLO_DEADLINE_S: Final = 10.0
# A bus pings every few seconds; after this silence its path is dead.
SILENCE_S: Final = 45.0


class Receiver:
    """One session with one bus. `slip_max` is the longest slip taken, in bytes; `letters` go down unconfirmed."""

    def __init__(self, *, slip_max: int, now: float, letters: int = LETTERS_AHEAD) -> None:
        self.letters = LettersDown(letters)
        self._slip_max = slip_max
        self._session = Session(Role.HALL)
        self._session_id = b""
        self._inbox: deque[tuple[bytes, float]] = deque()
        self._events: deque[Event] = deque()
        self._out: deque[bytes] = deque()
        self._envelopes: dict[bytes, Incoming] = {}
        self._pulled: set[tuple[bytes, int]] = set()
        self._heard = now

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._session.state

    def receive(self, data: bytes, now: float) -> None:
        """Take one message from the wire; `next_event` looks at it."""
        if len(self._inbox) >= INBOX_LIMIT:
            raise LocalError(f"receiver: {INBOX_LIMIT} messages wait; drain the events first")
        self._inbox.append((data, now))

    def next_event(self) -> Event | None:
        """Return the next fact, or None: wait. A rule the peer broke ends the session."""
        while not self._events and self._inbox and self.state is not State.CLOSED:
            data, now = self._inbox.popleft()
            self._heard = max(self._heard, now)
            try:
                frame = decode_frame(data)
                self._session.hear(frame)
                self._act(frame)
            except PeerError as error:
                self.dismiss(error.code, str(error))
        return self._events.popleft() if self._events else None

    def data_to_send(self) -> list[bytes]:
        """Return the messages to put on the wire now; call until empty, letters come one piece a call."""
        if not self._out and self.state is State.OPEN:
            piece = self.letters.piece()
            if piece is not None:
                self._say(piece)
        found = list(self._out)
        self._out.clear()
        return found

    def timer(self) -> float | None:
        """Return the moment `wake` has something to do, or None when the session is over."""
        if self.state is State.CLOSED:
            return None
        return self._heard + (SILENCE_S if self.state is State.OPEN else HELLO_DEADLINE_S)

    def wake(self, now: float) -> None:
        """End a session whose bus is silent. Transmit afterwards."""
        due = self.timer()
        if due is not None and now >= due:
            self.dismiss(Refused.SILENT, "session: the bus was silent for too long; dial again")

    # The shell's answers. Transmit after each.

    def welcome(self, note: str, path: tuple[bytes, ...]) -> None:
        """Open the session: the log's signed head and the proof that it grew from the one the bus knows."""
        self._say(Welcome(self._session_id, note, path))

    def dismiss(self, code: int, sentence: str) -> None:
        """End the session with a number and a sentence; a second time is harmless."""
        if self.state is not State.CLOSED:
            self._say(Refuse(code, sentence[:SENTENCE_MAX]))
            self._events.append(Ended(code, sentence, ours=True))

    def have(
        self,
        env_id: bytes,
        stage: int,
        items: Mapping[int, tuple[int, int]],
        *,
        silent: bool = False,
    ) -> None:
        """Say what is durable: item -> (length, durable bytes). Called again, `silent`, once a slip is filed.

        `silent` also when a fresh slip is on its way: the bus does not wait for this word.
        """
        incoming = self._envelopes[env_id]
        incoming.hold(stage, items)
        if not silent:
            self._say(incoming.told(env_id))
        if incoming.stage:
            early, incoming.early = incoming.early, []
            for piece in early:
                self._on_piece(piece)

    def stored(self, env_id: bytes, item: int, offset: int) -> None:
        """Confirm that the first `offset` bytes of an item are durable."""
        self._say(Confirm(env_id, item, offset))

    def restart(self, env_id: bytes, item: int, sentence: str) -> None:
        """Ask for an item again that came whole and did not match; the second time sets its envelope aside."""
        incoming = self._envelopes[env_id]
        if incoming.restart(item):
            self._say(incoming.told(env_id))
        else:
            self.refuse(env_id, Refused.PART_MISMATCH, sentence)

    def receipt(
        self, env_id: bytes, stage: int, receipt: bytes, proof: bytes, path: tuple[bytes, ...]
    ) -> None:
        """Hand out a receipt that is committed, with its proof."""
        self._say(Receipt(env_id, stage, receipt, proof, path))

    def refuse(self, env_id: bytes, code: int, sentence: str) -> None:
        """Set an envelope aside; what still comes of it is ignored."""
        incoming = self._envelopes[env_id]
        incoming.refused = True
        incoming.early.clear()
        self._say(Refuse(code, sentence[:SENTENCE_MAX], env_id))

    def tell_time(self, beacon: bytes) -> None:
        """Answer a TIME with a signed beacon."""
        self._say(Time(beacon))

    def witness(self, note: str, *, taken: bool) -> None:
        """Answer a JOURNAL with the newest cosigned head; `taken` when it is the one the bus told."""
        self._say(Witness(note, taken))

    def pull(self, env_id: bytes, item: int) -> None:
        """Ask the bus for an item before the others, once a session."""
        if (env_id, item) not in self._pulled and len(self._pulled) < PULLS_LIMIT:
            self._pulled.add((env_id, item))
            self._say(Pull(env_id, item))

    def _say(self, frame: Frame) -> None:
        self._session.say(frame)
        self._out.append(encode_frame(frame))

    def _act(self, frame: Frame) -> None:
        actions: dict[type[Frame], Callable[[Any], None]] = {
            Hello: self._on_hello,
            Offer: self._on_offer,
            Piece: self._on_piece,
            Confirm: self._on_confirm,
            Refuse: self._on_refuse,
            Time: self._on_time,
            Ping: self._on_ping,
            Pong: self._on_pong,
            Journal: self._on_journal,
        }
        actions[type(frame)](frame)

    def _on_hello(self, frame: Hello) -> None:
        self._session_id = frame.session
        self.letters.half_here(frame.letter_id, frame.letter_bytes)
        self._events.append(BusHello(frame.device, frame.session, frame.note, frame.waiting))

    def _on_offer(self, frame: Offer) -> None:
        if frame.env_id not in self._envelopes and len(self._envelopes) >= ENVELOPES_LIMIT:
            raise PeerError(Refused.TOO_MUCH, f"offer: {ENVELOPES_LIMIT} envelopes a session")
        self._envelopes[frame.env_id] = Incoming(frame.slip_length)
        if not 0 < frame.slip_length <= self._slip_max:
            sentence = f"offer: a slip has 1 to {self._slip_max} bytes, not {frame.slip_length}"
            self.refuse(frame.env_id, Refused.TOO_LARGE, sentence)
            return
        self._events.append(Offered(frame.env_id, frame.stage, frame.fresh, frame.receipt))

    def _on_piece(self, frame: Piece) -> None:
        incoming = self._envelopes.get(frame.env_id)
        if incoming is None:
            raise PeerError(Refused.NOT_OFFERED, "piece: its envelope was not offered before")
        if incoming.refused:
            return
        verdict = incoming.judge(frame)
        if verdict is Verdict.NEXT:
            offset, data, last = incoming.take(frame)
            self._events.append(PieceCame(frame.env_id, frame.item, offset, data, last))
        elif verdict is Verdict.EARLY:
            if len(incoming.early) >= EARLY_LIMIT:
                raise PeerError(
                    Refused.TOO_MUCH, f"piece: {EARLY_LIMIT} before their slip is filed"
                )
            incoming.early.append(frame)
        elif verdict is Verdict.NO_ITEM:
            sentence = f"piece: this envelope has no item {frame.item}"
            self.refuse(frame.env_id, Refused.NO_SUCH_ITEM, sentence)
        elif verdict is Verdict.TOO_LONG:
            sentence = f"piece: it ends after the last byte of item {frame.item}"
            self.refuse(frame.env_id, Refused.TOO_LARGE, sentence)
        elif verdict is Verdict.GAP and incoming.ask(frame.item):
            self._say(incoming.told(frame.env_id))

    def _on_confirm(self, frame: Confirm) -> None:
        if self.letters.confirm(frame.thing_id, frame.offset):
            self._events.append(LetterTaken(frame.thing_id))

    def _on_refuse(self, frame: Refuse) -> None:
        if ends_session(frame.code):
            self._events.append(Ended(frame.code, frame.sentence, ours=False))
        else:
            self.letters.refuse(frame.thing_id)
            self._events.append(LetterRefused(frame.thing_id, frame.code, frame.sentence))

    def _on_time(self, frame: Time) -> None:
        self._events.append(TimeAsked(frame.data))

    def _on_journal(self, frame: Journal) -> None:
        self._events.append(JournalTold(frame.held, frame.note, frame.path))

    def _on_ping(self, frame: Ping) -> None:
        self._events.append(BusTold(frame.waiting, frame.rtt_ms))
        if self.state is State.OPEN:
            self._say(Pong(frame.token))

    def _on_pong(self, _frame: Pong) -> None:
        """Note nothing: that the bus was heard is all a pong says."""

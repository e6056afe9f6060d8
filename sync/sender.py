"""The bus's end of a session: bytes and `now` in; events, frames, wants and the next timer out.

The shell feeds `receive`, drains `next_event`, sends `data_to_send`, then answers `want` with `supply`.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

from sync.errors import LocalError, PeerError
from sync.events import (
    Ended,
    Event,
    JournalWitnessed,
    LetterCame,
    Progressed,
    Receipted,
    SetAside,
    TimeTold,
    Welcomed,
)
from sync.frames import (
    NONCE_BYTES,
    SENTENCE_MAX,
    SESSION_BYTES,
    SLIP_ITEM,
    Confirm,
    Down,
    Frame,
    Have,
    Hello,
    Journal,
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
from sync.lane import Lane, Want
from sync.letterbox import Letterbox
from sync.outgoing import Due
from sync.pacing import Pace
from sync.receipt import COMPLETE
from sync.refusals import Refused, ends_session
from sync.states import Role, Session, State

# Frames heard and not yet looked at.
INBOX_LIMIT: Final = 1024
# Silence in heartbeats after which the path is dead.
SILENT_BEATS: Final = 3
TIME_EVERY_S: Final = 600.0
_TALKING: Final = frozenset({State.GREETED, State.OPEN})


class Sender:
    """One session of one bus. `note` is city hall's signed head last seen proven, empty before the first.

    `random` makes the session id and nonces; `letterbox` outlives the session; `originals`: the link is a depot's.
    """

    def __init__(
        self,
        device: str,
        note: str,
        *,
        random: Callable[[int], bytes],
        heartbeat_s: float,
        letterbox: Letterbox | None = None,
        originals: bool = False,
    ) -> None:
        self.pace = Pace()
        self._device = device
        self._note = note
        self._random = random
        self._heartbeat_s = heartbeat_s
        self._letterbox = letterbox if letterbox is not None else Letterbox()
        self._session = Session(Role.BUS)
        self._session_id = random(SESSION_BYTES)
        self._lane = Lane(self.pace, self._say, originals=originals)
        self._inbox: deque[tuple[bytes, float]] = deque()
        self._events: deque[Event] = deque()
        self._out: deque[bytes] = deque()
        self._greeted = self._heard = self._spoke = self._pinged = self._doubted = 0.0
        self._nonce = b""
        self._asked_at = 0.0
        self._time_at = 0.0
        self._pings = 0

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._session.state

    @property
    def under_way(self) -> int:
        """Bytes sent and not confirmed."""
        return self._lane.under_way

    def start(self, now: float) -> None:
        """Say hello and ask the time. Transmit afterwards."""
        self._greeted = self._heard = self._spoke = self._pinged = now
        box = self._letterbox
        self._say(
            Hello(
                self._device,
                self._session_id,
                self._note,
                len(self._lane),
                box.letter_id,
                len(box.data),
            ),
            now,
        )
        self._ask_time(now)

    def add(self, due: Due) -> None:
        """Take an envelope into this session; one that is here already changes nothing."""
        self._lane.add(due)

    def carries(self, env_id: bytes) -> bool:
        """Tell whether an envelope is in this session, and neither settled nor set aside."""
        return env_id in self._lane

    def settle(self, env_id: bytes, stage: int) -> None:
        """Note a receipt that was verified and kept; at stage 2 the envelope leaves the session."""
        if stage == COMPLETE:
            self._lane.forget(env_id)

    def set_aside(self, env_id: bytes) -> None:
        """Leave an envelope alone for the rest of this session, because its receipt did not hold."""
        self._lane.forget(env_id)

    def letter_kept(self, letter_id: bytes, size: int, now: float) -> None:
        """Confirm a letter that is durable on the shelf; city hall sends it again to a later session else."""
        if self.state in _TALKING:
            self._say(Confirm(letter_id, SLIP_ITEM, size), now)

    def refuse_letter(self, letter_id: bytes, code: int, sentence: str, now: float) -> None:
        """Say that a letter cannot be kept; the others go on. A session that is over says nothing."""
        if self.state in _TALKING:
            self._say(Refuse(code, sentence[:SENTENCE_MAX], letter_id), now)

    def end(self, code: int, sentence: str, now: float) -> None:
        """End the session with a number and a sentence; a second time is harmless. Transmit afterwards."""
        if self.state in _TALKING:
            self._say(Refuse(code, sentence[:SENTENCE_MAX]), now)
            self._events.append(Ended(code, sentence, ours=True))

    def tell_journal(self, held: str, note: str, path: tuple[bytes, ...], now: float) -> None:
        """Tell the head of the journal, once city hall said welcome; a session that is over says nothing."""
        if self.state is State.OPEN:
            self._say(Journal(held, note, path), now)

    def doubt(self, now: float) -> None:
        """Ask at once whether city hall is still there, because the network changed; one heartbeat to answer."""
        if self.state in _TALKING and self._doubted <= self._heard:
            self._doubted = now
            self._ping(now)

    def receive(self, data: bytes, now: float) -> None:
        """Take one message from the wire; `next_event` looks at it."""
        if len(self._inbox) >= INBOX_LIMIT:
            raise LocalError(f"sender: {INBOX_LIMIT} messages wait; drain the events first")
        self._inbox.append((data, now))

    def next_event(self) -> Event | None:
        """Return the next fact, or None: wait. A rule the peer broke ends the session."""
        while not self._events and self._inbox and self.state in _TALKING:
            data, now = self._inbox.popleft()
            self._heard = max(self._heard, now)
            try:
                frame = decode_frame(data)
                self._session.hear(frame)
                self._act(frame, now)
            except PeerError as error:
                self.end(error.code, str(error), now)
        return self._events.popleft() if self._events else None

    def data_to_send(self) -> list[bytes]:
        """Return the messages to put on the wire, in order."""
        found = list(self._out)
        self._out.clear()
        return found

    def want(self, now: float) -> Want | None:
        """Return the most urgent bytes to send next, or None. May queue an OFFER: transmit before `supply`."""
        return self._lane.want(now) if self.state in _TALKING else None

    def supply(self, want: Want, data: bytes, now: float) -> None:
        """Send the bytes that were wanted; nothing is sent when the want is out of date."""
        piece = self._lane.supply(want, data, now) if self.state in _TALKING else None
        if piece is not None:
            self._say(piece, now)

    def timer(self) -> float | None:
        """Return the moment `wake` has something to do, or None when there is no session."""
        if self.state not in _TALKING:
            return None
        return min(self._ping_at(), self._silent_at(), self._time_at)

    def wake(self, now: float) -> None:
        """Do what is due: ping after a quiet heartbeat, end after three, ask the time. Transmit afterwards."""
        due = self.timer()
        if due is None or now < due:
            return
        if now >= self._silent_at():
            self.end(Refused.SILENT, "session: city hall was silent for too long", now)
            return
        if now >= self._ping_at():
            self._ping(now)
        if now >= self._time_at:
            self._ask_time(now)

    def _ping_at(self) -> float:
        return max(min(self._heard, self._spoke), self._pinged) + self._heartbeat_s

    def _silent_at(self) -> float:
        if self._doubted > self._heard:
            return self._doubted + self._heartbeat_s
        return self._heard + SILENT_BEATS * self._heartbeat_s

    def _ping(self, now: float) -> None:
        self._pings += 1
        self._pinged = now
        rtt_ms = int((self.pace.rtt_s or 0) * 1000)
        self._say(Ping(self._pings, len(self._lane), rtt_ms), now)

    def _ask_time(self, now: float) -> None:
        self._nonce = self._random(NONCE_BYTES)
        self._asked_at = now
        self._time_at = now + TIME_EVERY_S
        self._say(Time(self._nonce), now)

    def _say(self, frame: Frame, now: float) -> None:
        self._session.say(frame)
        self._out.append(encode_frame(frame))
        self._spoke = now

    def _act(self, frame: Frame, now: float) -> None:
        actions: dict[type[Frame], Callable[[Any, float], None]] = {
            Welcome: self._on_welcome,
            Have: self._on_have,
            Confirm: self._on_confirm,
            Receipt: self._on_receipt,
            Refuse: self._on_refuse,
            Down: self._on_down,
            Time: self._on_time,
            Ping: self._on_ping,
            Pong: self._on_pong,
            Pull: self._on_pull,
            Witness: self._on_witness,
        }
        actions[type(frame)](frame, now)

    def _on_welcome(self, frame: Welcome, now: float) -> None:
        if frame.session != self._session_id:
            raise PeerError(Refused.OUT_OF_ORDER, "session: the welcome is for another session")
        self.pace.round_trip(now - self._greeted)
        self._events.append(Welcomed(frame.note, frame.path))

    def _on_have(self, frame: Have, _now: float) -> None:
        for item, offset in self._lane.have(frame).items():
            self._events.append(Progressed(frame.env_id, item, offset))

    def _on_confirm(self, frame: Confirm, now: float) -> None:
        if self._lane.confirm(frame.thing_id, frame.item, frame.offset, now):
            self._events.append(Progressed(frame.thing_id, frame.item, frame.offset))

    def _on_receipt(self, frame: Receipt, _now: float) -> None:
        self._events.append(
            Receipted(frame.env_id, frame.stage, frame.receipt, frame.proof, frame.path)
        )

    def _on_refuse(self, frame: Refuse, _now: float) -> None:
        if ends_session(frame.code):
            self._events.append(Ended(frame.code, frame.sentence, ours=False))
        elif frame.thing_id in self._lane:
            self._lane.forget(frame.thing_id)
            self._events.append(SetAside(frame.thing_id, frame.code, frame.sentence))

    def _on_down(self, frame: Down, _now: float) -> None:
        body = self._letterbox.take(frame)
        if body is not None:
            self._events.append(LetterCame(frame.letter_id, frame.kind, body))

    def _on_time(self, frame: Time, now: float) -> None:
        self._events.append(TimeTold(self._nonce, frame.data, now - self._asked_at))

    def _on_ping(self, frame: Ping, now: float) -> None:
        self._say(Pong(frame.token), now)

    def _on_pong(self, frame: Pong, now: float) -> None:
        if frame.token == self._pings:
            self.pace.round_trip(now - self._pinged)

    def _on_pull(self, frame: Pull, _now: float) -> None:
        self._lane.pull(frame.env_id, frame.item)

    def _on_witness(self, frame: Witness, _now: float) -> None:
        self._events.append(JournalWitnessed(frame.note, frame.taken))

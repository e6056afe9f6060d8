"""The bus's end alone: timers, broken rules of the hall, what it answers."""

import pytest

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
    Confirm,
    Down,
    Frame,
    Have,
    Hello,
    Journal,
    Offer,
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
from sync.letterbox import Letterbox
from sync.refusals import Refused
from sync.sender import INBOX_LIMIT, TIME_EVERY_S, Sender
from sync.states import State
from tests.support.pair import BusShelf, env, shelves, some_bytes, truth

SESSION = some_bytes("random", 8)
NONCE = some_bytes("random", 16)
WELCOME = Welcome(SESSION, "note", ())


class Talk:
    """A sender and the frames it said."""

    def __init__(self, bus: BusShelf | None = None, *, welcomed: bool = True) -> None:
        self.sender = Sender(
            "bus-07",
            "five filings",
            random=lambda size: some_bytes("random", size),
            heartbeat_s=5.0,
        )
        for due in (bus or BusShelf()).due():
            self.sender.add(due)
        self.sender.start(0.0)
        self.first = self.said()
        if welcomed:
            self.hear(WELCOME, 0.1)

    def said(self) -> list[Frame]:
        """Return the frames to send."""
        return [decode_frame(data) for data in self.sender.data_to_send()]

    def hear(self, frame: Frame, now: float = 1.0) -> list[Event]:
        """Let the hall say a frame; returns the events."""
        self.sender.receive(encode_frame(frame), now)
        events = []
        while (event := self.sender.next_event()) is not None:
            events.append(event)
        return events


def test_the_first_words_are_hello_and_the_question_for_the_time() -> None:
    """Who I am, the head I know, and a nonce."""
    hello = Hello("bus-07", SESSION, "five filings", 0)
    assert Talk(welcomed=False).first == [hello, Time(NONCE)]


def test_hello_tells_how_many_wait_and_what_is_half_here() -> None:
    """The hall goes on with the half letter."""
    bus, _ = shelves(truth(0), truth(1))
    sender = Sender(
        "bus-07",
        "",
        random=lambda size: some_bytes("random", size),
        heartbeat_s=5.0,
        letterbox=Letterbox(env(9), b"half"),
    )
    for due in bus.due():
        sender.add(due)
    sender.start(0.0)
    hello = decode_frame(sender.data_to_send()[0])
    assert isinstance(hello, Hello)
    assert (hello.waiting, hello.letter_id, hello.letter_bytes) == (2, env(9), 4)


def test_before_start_there_is_no_session() -> None:
    """Nothing is wanted, no timer runs."""
    sender = Sender("bus-07", "", random=bytes, heartbeat_s=5.0)
    assert (sender.want(0.0), sender.timer(), sender.state) == (None, None, State.START)
    sender.wake(1e9)
    sender.end(Refused.SILENT, "never", 0.0)
    assert sender.data_to_send() == []


def test_the_welcome_gives_head_and_round_trip() -> None:
    """The shell checks the head; the round trip is the first measure."""
    talk = Talk(welcomed=False)
    assert talk.hear(WELCOME, 0.25) == [Welcomed("note", ())]
    assert (talk.sender.state, talk.sender.pace.rtt_s) == (State.OPEN, 0.25)


def test_fail__a_welcome_for_another_session() -> None:
    """An echo of an older connection ends this one."""
    talk = Talk(welcomed=False)
    [ended] = talk.hear(Welcome(bytes(8), "note", ()))
    assert isinstance(ended, Ended)
    assert (ended.code, ended.ours) == (Refused.OUT_OF_ORDER, True)
    assert isinstance(talk.said()[0], Refuse)


@pytest.mark.parametrize("data", [b"", b"\x02", b"\x01garbage", encode_frame(Ping(1))])
def test_fail__what_breaks_a_rule_ends_the_session_with_a_number(data: bytes) -> None:
    """Garbage, another version, and a frame before the welcome."""
    talk = Talk(welcomed=False)
    talk.sender.receive(data, 1.0)
    ended = talk.sender.next_event()
    assert isinstance(ended, Ended)
    assert ended.ours
    assert talk.said() == [Refuse(ended.code, ended.sentence)]
    assert talk.sender.state is State.CLOSED


def test_after_the_end_nothing_is_heard_said_or_wanted() -> None:
    """A closed session is quiet."""
    bus, _ = shelves(truth(0))
    talk = Talk(bus)
    want = talk.sender.want(1.0)
    assert want is not None
    talk.said()
    [ended] = talk.hear(Refuse(Refused.REVOKED_DEVICE, "revoked"))
    assert ended == Ended(Refused.REVOKED_DEVICE, "revoked", ours=False)
    talk.sender.supply(want, bytes(want.length), 1.0)
    assert (talk.hear(Ping(1)), talk.said(), talk.sender.want(2.0)) == ([], [], None)


def test_a_quiet_line_is_pinged_after_a_heartbeat() -> None:
    """The ping tells how many wait; its answer is a round trip."""
    talk = Talk()
    assert talk.sender.timer() == 5.0
    talk.sender.wake(4.9)
    assert talk.said() == []
    talk.sender.wake(5.0)
    assert talk.said() == [Ping(1, 0, 100)]
    talk.hear(Pong(1), 5.05)
    assert talk.sender.pace.rtt_s == pytest.approx(0.05)


def test_an_old_pong_measures_nothing() -> None:
    """Only the answer to the newest ping is a round trip."""
    talk = Talk()
    talk.hear(Pong(9), 0.11)
    assert talk.sender.pace.rtt_s == 0.1


def test_before_the_welcome_a_ping_has_no_round_trip_to_tell() -> None:
    """The hall may be slow to answer; the bus asks whether it is there."""
    talk = Talk(welcomed=False)
    talk.sender.wake(5.0)
    assert talk.said() == [Ping(1, 0, 0)]


def test_the_time_is_asked_again_in_a_long_session() -> None:
    """Every ten minutes a new beacon bounds the next filings."""
    talk = Talk()
    now = 0.0
    asked = 0
    while now < TIME_EVERY_S + 10:
        now = talk.sender.timer() or 0.0
        talk.sender.wake(now)
        asked += sum(isinstance(frame, Time) for frame in talk.said())
        talk.hear(Pong(0), now)
    assert asked == 1


def test_on_a_busy_line_the_time_is_asked_without_a_ping() -> None:
    """The line was heard a second ago; only the beacon is old."""
    talk = Talk()
    talk.hear(Ping(1), TIME_EVERY_S - 1)
    talk.said()
    talk.sender.wake(TIME_EVERY_S)
    assert talk.said() == [Time(NONCE)]


def test_in_doubt_the_hall_has_one_heartbeat_to_answer() -> None:
    """The network changed: a ping leaves at once, once, and the path is given up early."""
    talk = Talk()
    talk.sender.doubt(2.0)
    talk.sender.doubt(2.1)
    assert talk.said() == [Ping(1, 0, 100)]
    talk.sender.wake(6.9)
    assert talk.sender.state is State.OPEN
    talk.sender.wake(7.0)
    assert talk.sender.timer() is None


def test_a_word_of_the_hall_ends_the_doubt() -> None:
    """The path is alive: three heartbeats of silence are allowed again."""
    talk = Talk()
    talk.sender.doubt(2.0)
    talk.hear(Pong(1), 2.3)
    talk.sender.wake(8.0)
    assert talk.sender.state is State.OPEN


def test_without_a_session_there_is_no_doubt() -> None:
    """Nothing is said."""
    sender = Sender("bus-07", "", random=bytes, heartbeat_s=5.0)
    sender.doubt(1.0)
    assert sender.data_to_send() == []


def test_the_halls_ping_is_answered() -> None:
    """The token comes back."""
    talk = Talk()
    talk.hear(Ping(77))
    assert talk.said() == [Pong(77)]


def test_a_beacon_comes_with_our_nonce() -> None:
    """The shell verifies that the one answers the other, and knows how long it waited."""
    assert Talk().hear(Time(bytes(100))) == [TimeTold(NONCE, bytes(100), 1.0)]


def test_a_receipt_for_a_stranger_still_brings_its_head() -> None:
    """An envelope that left the session needs no receipt any more; the log's next head follows this one's."""
    talk = Talk()
    assert talk.hear(Receipt(env(0), 1, b"r", b"p", ())) == [Receipted(env(0), 1, b"r", b"p", ())]
    assert not talk.sender.carries(env(0))


def test_a_receipt_comes_out_whole() -> None:
    """The shell gets everything that proves it."""
    bus, _ = shelves(truth(0))
    found = Talk(bus).hear(Receipt(env(0), 1, b"r", b"p", (bytes(32),)))
    assert found == [Receipted(env(0), 1, b"r", b"p", (bytes(32),))]


def test_a_receipt_that_does_not_hold_sets_its_envelope_aside() -> None:
    """Nothing more of it is sent in this session."""
    bus, _ = shelves(truth(0))
    talk = Talk(bus)
    talk.sender.set_aside(env(0))
    assert talk.sender.want(1.0) is None


def test_stage_one_leaves_the_envelope_in_the_session() -> None:
    """Its pages are still to send."""
    bus, _ = shelves(truth(0))
    talk = Talk(bus)
    talk.sender.settle(env(0), 1)
    assert talk.sender.want(1.0) is not None


def test_have_tells_the_progress_of_each_item() -> None:
    """The screen shows what is durable at city hall."""
    bus, _ = shelves(truth(0, parts=(500,)))
    bus.sent.add(env(0))
    talk = Talk(bus)
    talk.sender.want(0.5)
    assert talk.said() == [Offer(env(0), 9_000, 0, fresh=False)]
    assert talk.hear(Have(env(0), 0, ((0, 20),))) == [
        Progressed(env(0), 0, 20),
        Progressed(env(0), 1, 0),
    ]


def test_a_confirmation_without_news_is_no_event() -> None:
    """A doubled confirmation is passed over."""
    assert Talk().hear(Confirm(env(0), 0, 1)) == []


def test_a_refusal_of_an_envelope_comes_once() -> None:
    """The second is for a stranger."""
    bus, _ = shelves(truth(0))
    talk = Talk(bus)
    refusal = Refuse(Refused.SLIP_SIGNATURE, "no", env(0))
    assert talk.hear(refusal) == [SetAside(env(0), Refused.SLIP_SIGNATURE, "no")]
    assert talk.hear(refusal) == []


def test_a_letter_is_confirmed_when_the_shelf_holds_it() -> None:
    """Commit, then speak."""
    talk = Talk()
    assert talk.hear(Down(env(1), "correction", 0, 2, b"ok")) == [
        LetterCame(env(1), "correction", b"ok")
    ]
    assert talk.said() == []
    talk.sender.letter_kept(env(1), 2, 1.0)
    assert talk.said() == [Confirm(env(1), 0, 2)]


def test_a_letter_that_cannot_be_kept_is_refused_with_a_bounded_sentence() -> None:
    """The number is the letter's own family."""
    talk = Talk()
    talk.sender.refuse_letter(env(1), 300, "x" * 1_000, 1.0)
    assert talk.said() == [Refuse(Refused.LETTER_SHAPE, "x" * 512, env(1))]


def test_a_letter_that_was_kept_too_late_is_confirmed_to_nobody() -> None:
    """The session ended while the disk was slow: the next one confirms the letter."""
    talk = Talk()
    talk.sender.end(Refused.SILENT, "over", 1.0)
    talk.said()
    talk.sender.letter_kept(env(1), 2, 1.0)
    talk.sender.refuse_letter(env(2), 300, "full", 1.0)
    assert talk.said() == []


def test_a_letter_with_a_gap_ends_the_session() -> None:
    """The hall broke a rule."""
    [ended] = Talk().hear(Down(env(1), "correction", 1, 2, b"k"))
    assert isinstance(ended, Ended)


def test_the_journal_is_told_in_an_open_session_only() -> None:
    """Before the welcome and after the end nothing is said."""
    talk = Talk(welcomed=False)
    talk.sender.tell_journal("", "note", (), 0.1)
    assert talk.said() == []
    talk.hear(WELCOME, 0.1)
    talk.sender.tell_journal("held", "note", (bytes(32),), 0.2)
    assert talk.said() == [Journal("held", "note", (bytes(32),))]


def test_what_the_witness_says_comes_out() -> None:
    """Note and word, as they came."""
    assert Talk().hear(Witness("note", taken=False)) == [JournalWitnessed("note", taken=False)]


def test_a_pull_for_a_stranger_is_passed_over() -> None:
    """The envelope may be complete meanwhile."""
    assert Talk().hear(Pull(env(0), 2)) == []


def test_the_inbox_has_a_limit() -> None:
    """A shell that does not drain is our own bug."""
    talk = Talk()
    for _ in range(INBOX_LIMIT):
        talk.sender.receive(b"", 1.0)
    with pytest.raises(LocalError):
        talk.sender.receive(b"", 1.0)


def test_errors_of_the_peer_carry_their_number() -> None:
    """The family of the peer's errors knows the number on the wire."""
    assert PeerError(Refused.SILENT, "quiet").code == 108

"""City hall's end alone: deadlines, limits, strangers, what it answers."""

import pytest

from sync import receiver
from sync.errors import LocalError
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
    Confirm,
    Down,
    Frame,
    Have,
    Hello,
    Journal,
    Offer,
    Piece,
    Ping,
    Pong,
    Pull,
    Refuse,
    Time,
    Welcome,
    Witness,
    decode_frame,
    encode_frame,
)
from sync.receiver import HELLO_DEADLINE_S, INBOX_LIMIT, SILENCE_S, Receiver
from sync.refusals import Refused
from sync.states import State
from tests.support.pair import env

HELLO = Hello("bus-07", bytes(8), "five filings", 3)


class Talk:
    """A receiver and the frames it said."""

    def __init__(self, *, opened: bool = True) -> None:
        self.receiver = Receiver(slip_max=1_000, now=0.0)
        if opened:
            self.hear(HELLO, 0.0)
            self.receiver.welcome("note", ())
            self.said()

    def said(self) -> list[Frame]:
        """Return the frames to send."""
        return [decode_frame(data) for data in self.receiver.data_to_send()]

    def hear(self, frame: Frame, now: float = 1.0) -> list[Event]:
        """Let the bus say a frame; returns the events."""
        self.receiver.receive(encode_frame(frame), now)
        events = []
        while (event := self.receiver.next_event()) is not None:
            events.append(event)
        return events

    def offered(self, size: int = 100) -> "Talk":
        """Let the bus offer envelope 0 of which nothing is here."""
        self.hear(Offer(env(0), size, 0, fresh=True))
        self.receiver.have(env(0), 0, {0: (0, 0)}, silent=True)
        return self


def test_hello_comes_out_and_waits_for_the_shell() -> None:
    """Nothing is said before the certificate was looked at."""
    talk = Talk(opened=False)
    assert talk.hear(HELLO) == [BusHello("bus-07", bytes(8), "five filings", 3)]
    assert talk.said() == []


def test_the_welcome_echoes_the_session() -> None:
    """The bus knows that the answer is for this connection."""
    talk = Talk(opened=False)
    talk.hear(HELLO)
    talk.receiver.welcome("note", (bytes(32),))
    assert talk.said() == [Welcome(bytes(8), "note", (bytes(32),))]


def test_a_dismissed_bus_hears_the_number_once() -> None:
    """A second dismissal is harmless, and what follows is not looked at."""
    talk = Talk(opened=False)
    talk.hear(HELLO)
    talk.receiver.dismiss(Refused.REVOKED_DEVICE, "revoked")
    talk.receiver.dismiss(Refused.REVOKED_DEVICE, "revoked")
    assert talk.said() == [Refuse(Refused.REVOKED_DEVICE, "revoked")]
    assert talk.hear(Ping(1)) == [Ended(Refused.REVOKED_DEVICE, "revoked", ours=True)]
    assert talk.receiver.timer() is None


@pytest.mark.parametrize(("opened", "deadline"), [(False, HELLO_DEADLINE_S), (True, SILENCE_S)])
def test_a_silent_bus_is_let_go(opened: bool, deadline: float) -> None:  # noqa: FBT001 - a table
    """Before the hello seconds are few; later a bus pings."""
    talk = Talk(opened=opened)
    assert talk.receiver.timer() == deadline
    talk.receiver.wake(deadline - 0.1)
    assert talk.said() == []
    talk.receiver.wake(deadline)
    assert talk.receiver.state is State.CLOSED
    talk.receiver.wake(deadline + 1)


def test_fail__garbage_ends_the_session() -> None:
    """With the number of what was wrong."""
    talk = Talk()
    talk.receiver.receive(b"\x07", 1.0)
    ended = talk.receiver.next_event()
    assert isinstance(ended, Ended)
    assert (ended.code, ended.ours) == (Refused.VERSION, True)


def test_the_bus_may_end_the_session() -> None:
    """Its reason comes out."""
    assert Talk().hear(Refuse(Refused.SILENT, "quiet")) == [Ended(108, "quiet", ours=False)]


@pytest.mark.parametrize("size", [0, 1_001])
def test_fail__an_offer_of_an_impossible_slip(size: int) -> None:
    """At the limit it is taken; an empty or a longer one sets its envelope aside."""
    talk = Talk()
    assert talk.hear(Offer(env(1), 1_000, 0, fresh=True)) == [Offered(env(1), 0, fresh=True)]
    assert talk.hear(Offer(env(0), size, 0, fresh=True)) == []
    [refusal] = talk.said()
    assert isinstance(refusal, Refuse)
    assert (refusal.code, refusal.thing_id) == (Refused.TOO_LARGE, env(0))


def test_fail__more_envelopes_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A known one may come again at the limit; one beyond ends the session."""
    monkeypatch.setattr(receiver, "ENVELOPES_LIMIT", 1)
    talk = Talk()
    offer = Offer(env(0), 10, 0, fresh=True)
    assert len(talk.hear(offer)) == len(talk.hear(offer)) == 1
    [ended] = talk.hear(Offer(env(1), 10, 0, fresh=True))
    assert isinstance(ended, Ended)
    assert ended.code == Refused.TOO_MUCH


def test_fail__a_piece_that_was_not_offered() -> None:
    """The bus broke a rule."""
    [ended] = Talk().hear(Piece(env(0), 0, 0, b"x"))
    assert isinstance(ended, Ended)
    assert ended.code == Refused.NOT_OFFERED


@pytest.mark.parametrize(
    ("piece", "code"),
    [
        (Piece(env(0), 3, 0, b"x"), Refused.NO_SUCH_ITEM),
        (Piece(env(0), 0, 99, b"xx"), Refused.TOO_LARGE),
    ],
)
def test_fail__a_piece_of_nothing(piece: Piece, code: int) -> None:
    """Its envelope is set aside; what still comes of it is passed over."""
    talk = Talk().offered()
    assert talk.hear(piece) == []
    [refusal] = talk.said()
    assert isinstance(refusal, Refuse)
    assert refusal.code == code
    assert (talk.hear(Piece(env(0), 0, 0, b"x")), talk.said()) == ([], [])


def test_a_gap_is_answered_once_with_what_is_here() -> None:
    """Pieces behind a gap ask only once."""
    talk = Talk().offered()
    talk.hear(Piece(env(0), 0, 50, b"x"))
    assert talk.said() == [Have(env(0), 0, ())]
    assert (talk.hear(Piece(env(0), 0, 51, b"x")), talk.said()) == ([], [])


def test_an_old_piece_is_passed_over() -> None:
    """Everything comes twice."""
    talk = Talk().offered()
    piece = Piece(env(0), 0, 0, b"abc")
    assert talk.hear(piece) == [PieceCame(env(0), 0, 0, b"abc", last=False)]
    assert talk.hear(piece) == []


def test_early_pieces_wait_until_their_slip_is_filed() -> None:
    """The shell files slips side by side; what came meanwhile is looked at once it has spoken."""
    talk = Talk().offered(3)
    talk.hear(Piece(env(0), 0, 0, b"abc"))
    assert talk.hear(Piece(env(0), 1, 0, b"part")) == []
    talk.receiver.have(env(0), 1, {0: (3, 3), 1: (4, 0)}, silent=True)
    assert talk.receiver.next_event() == PieceCame(env(0), 1, 0, b"part", last=True)
    assert talk.said() == []


def test_early_pieces_of_a_refused_slip_are_forgotten() -> None:
    """The envelope is set aside, nothing of it is kept."""
    talk = Talk().offered(3)
    talk.hear(Piece(env(0), 0, 0, b"abc"))
    talk.hear(Piece(env(0), 1, 0, b"part"))
    talk.receiver.refuse(env(0), Refused.SLIP_SIGNATURE, "no")
    assert talk.receiver.next_event() is None


def test_early_pieces_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit all wait; one beyond ends the session."""
    monkeypatch.setattr(receiver, "EARLY_LIMIT", 1)
    talk = Talk().offered(3)
    talk.hear(Piece(env(0), 0, 0, b"abc"))
    assert talk.hear(Piece(env(0), 1, 0, b"part")) == []
    [ended] = talk.hear(Piece(env(0), 2, 0, b"part"))
    assert isinstance(ended, Ended)
    assert ended.code == Refused.TOO_MUCH


def test_the_time_is_asked_and_told() -> None:
    """The nonce goes to the shell, the beacon to the bus."""
    talk = Talk()
    assert talk.hear(Time(bytes(16))) == [TimeAsked(bytes(16))]
    talk.receiver.tell_time(bytes(100))
    assert talk.said() == [Time(bytes(100))]


def test_a_ping_is_answered_and_its_numbers_come_out() -> None:
    """The office sees how many envelopes wait on the road."""
    talk = Talk()
    assert talk.hear(Ping(4, 12, 80)) == [BusTold(12, 80)]
    assert talk.said() == [Pong(4)]


def test_a_ping_before_the_welcome_waits_for_it() -> None:
    """The answer is the welcome itself."""
    talk = Talk(opened=False)
    talk.hear(HELLO)
    assert talk.hear(Ping(4)) == [BusTold(0, 0)]
    assert talk.said() == []


def test_a_pong_says_only_that_the_bus_is_there() -> None:
    """It moves the deadline."""
    talk = Talk()
    assert talk.hear(Pong(1), 30.0) == []
    assert talk.receiver.timer() == 30.0 + SILENCE_S


def test_a_told_journal_comes_out_and_is_answered() -> None:
    """The shell judges it; the machine only carries the words."""
    talk = Talk()
    assert talk.hear(Journal("held", "note", (bytes(32),))) == [
        JournalTold("held", "note", (bytes(32),))
    ]
    talk.receiver.witness("cosigned", taken=True)
    assert talk.said() == [Witness("cosigned", taken=True)]


def test_a_page_is_pulled_once_a_session() -> None:
    """The office may ask as often as it likes."""
    talk = Talk()
    talk.receiver.pull(env(0), 2)
    talk.receiver.pull(env(0), 2)
    assert talk.said() == [Pull(env(0), 2)]


def test_pulls_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the limit one more is not asked for."""
    monkeypatch.setattr(receiver, "PULLS_LIMIT", 1)
    talk = Talk()
    talk.receiver.pull(env(0), 2)
    talk.receiver.pull(env(0), 4)
    assert talk.said() == [Pull(env(0), 2)]


def test_a_receipt_overtakes_a_letter_between_two_pieces() -> None:
    """A letter leaves one piece a call, and only when nothing else is to say."""
    talk = Talk().offered()
    talk.receiver.letters.put(env(9), "visit_pack", bytes(40_000))
    talk.receiver.stored(env(0), 0, 7)
    assert talk.said() == [Confirm(env(0), 0, 7)]
    [piece] = talk.said()
    assert isinstance(piece, Down)


def test_a_letter_is_done_when_the_bus_confirms_it() -> None:
    """A confirmation of something else is passed over."""
    talk = Talk()
    talk.receiver.letters.put(env(9), "correction", b"abc")
    talk.said()
    assert talk.hear(Confirm(env(8), 0, 3)) == []
    assert talk.hear(Confirm(env(9), 0, 3)) == [LetterTaken(env(9))]


def test_a_letter_the_bus_cannot_keep_is_told() -> None:
    """The office can look after it; the session goes on."""
    talk = Talk()
    talk.receiver.letters.put(env(9), "correction", b"abc")
    found = talk.hear(Refuse(Refused.LETTER_SHAPE, "no room", env(9)))
    assert found == [LetterRefused(env(9), 300, "no room")]


def test_the_inbox_has_a_limit() -> None:
    """A shell that does not drain is our own bug."""
    talk = Talk()
    for _ in range(INBOX_LIMIT):
        talk.receiver.receive(b"", 1.0)
    with pytest.raises(LocalError):
        talk.receiver.receive(b"", 1.0)

"""The messages about calls: strict both ways."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.calling import TEXT_MAX, CallRefused, CallState, Line, Outcome, Side
from sync.callwords import (
    FROM_BUS,
    FROM_HALL,
    MESSAGE_MAX,
    Answer,
    Greet,
    HangUp,
    Message,
    Quiet,
    Refusal,
    Ring,
    Said,
    Say,
    Standing,
    read,
    write,
)
from sync.errors import PeerError
from sync.mediabinding import BINDING_MAX

ID = "0123456789abcdef" * 2
OTHER = "f" * 32
ALL: list[Message] = [
    Greet(),
    Ring(ID),
    Ring(ID, "signed"),
    Answer(ID),
    Answer(ID, "signed"),
    HangUp(ID),
    Say(ID, OTHER, "聞こえますか"),
    Standing(ID, Side.HALL, CallState.ENDED, Outcome.MISSED),
    Standing(ID, Side.HALL, CallState.RINGING, Outcome.NONE, "signed"),
    Quiet(),
    Said(ID, OTHER, Side.BUS, "はい", 1_790_000_000),
    Refusal(410, ID, "there is no such call"),
]


@pytest.mark.parametrize("message", ALL, ids=lambda m: type(m).__name__)
def test_ok__every_message_reads_back(message: Message) -> None:
    """What is written is read as the same."""
    assert read(write(message), FROM_BUS + FROM_HALL) == message


def test_ok__a_said_line_is_a_line() -> None:
    """Without the call's number."""
    assert Said(ID, OTHER, Side.BUS, "はい", 7).line() == Line(OTHER, Side.BUS, "はい", 7)


@given(st.text(max_size=TEXT_MAX))
def test_ok__any_text_of_the_agreed_length_fits(text: str) -> None:
    """Any script, any sign, within the size of one message."""
    written = write(Say(ID, OTHER, text))
    assert len(written.encode()) <= MESSAGE_MAX
    assert read(written, FROM_BUS) == Say(ID, OTHER, text)


def plain(**changes: Any) -> str:
    """A line's message with some fields changed; None takes a field away."""
    fields: dict[str, Any] = {"kind": "say", "call_id": ID, "line_id": OTHER, "text": "a"}
    fields.update(changes)
    return json.dumps({k: v for k, v in fields.items() if v is not None})


def standing(**changes: Any) -> dict[str, Any]:
    """How a call stands, with some fields changed."""
    fields = {"kind": "standing", "call_id": ID, "caller": "bus", "state": "held", "outcome": ""}
    return {**fields, "binding": "", **changes}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "7",
        '"say"',
        "[" * 5000,
        "{" + " " * MESSAGE_MAX + "}",
        plain(kind="shout"),
        plain(kind=[]),
        plain(kind="standing"),
        plain(text=None),
        plain(extra="x"),
        plain(call_id=ID.upper()),
        plain(call_id=ID[:-1]),
        plain(call_id=7),
        plain(text=["a"]),
        plain(text="a" * (TEXT_MAX + 1)),
    ],
    ids=lambda text: text[:24],
)
def test_fail__what_a_bus_does_not_say(text: str) -> None:
    """Not JSON, not an object, another kind, other fields, other shapes: one number for all."""
    with pytest.raises(PeerError) as caught:
        read(text, FROM_BUS)
    assert caught.value.code == CallRefused.NOT_UNDERSTOOD


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "greet", "version": True},
        {"kind": "greet", "version": -1},
        {"kind": "greet", "version": "1"},
        standing(caller="x"),
        standing(caller=[]),
        standing(binding="a" * (BINDING_MAX + 1)),
        {"kind": "refusal", "number": 1, "about": "", "sentence": "a" * 401},
    ],
)
def test_fail__what_a_hall_does_not_say(fields: dict[str, Any]) -> None:
    """Counts are not booleans, words are from their lists, sentences have an end."""
    with pytest.raises(PeerError):
        read(json.dumps(fields), FROM_HALL)


def test_ok__a_binding_of_full_length_fits_into_a_message() -> None:
    """Quotation marks count twice on the way, and a signature has none."""
    assert len(write(Ring(ID, '"' * 100 + "a" * (BINDING_MAX - 100)))) <= MESSAGE_MAX


def test_ok__each_side_hears_only_the_other() -> None:
    """The two vocabularies share the greeting alone."""
    assert set(FROM_BUS) & set(FROM_HALL) == {Greet}

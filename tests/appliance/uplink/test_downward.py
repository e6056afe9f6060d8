"""The way down over the real wire: letters once, in order, across restarts; pages that were pulled."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.desk.letters import answers
from appliance.mail import inbox
from appliance.uplink.clock import UplinkClock
from cityhall.office.correspondence import Post, post_answer
from hardware.clock.system import SystemClock
from sync.bundle import decode_bundle
from sync.letters import Answer
from sync.refusals import Refused
from sync.signedform import SignedForm, encode_form
from tests.appliance.uplink.test_travel import keep, running
from tests.support.houses import ROOT, until
from tests.support.makers import (
    DEVICE,
    OFFICE,
    READING,
    counting_random,
    make_bundle,
    make_device,
    make_id,
    make_opening_key,
    make_signer,
)
from tests.support.roots import bundle_text, root_of

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
FORM = SignedForm("care-renewal", "2026-10-01", START.date(), "text")
ANSWER = Answer(make_id(5), b"", "R8-000123-6", "", "期限は。", "十二月八日です。", START)


async def test_letters_go_down_exactly_once(tmp_path: Path) -> None:
    """A pack and a correction arrive, and the hall knows it; a new session brings nothing twice."""
    async with running(tmp_path) as (hall, bus, _):
        hall.mail.post_letter("bus-07", "visit_pack", b"p" * 100_000, make_id(1))
        hall.mail.post_letter("bus-07", "correction", b"c", make_id(2))
        hall.mail.post_letter("bus-08", "correction", b"for another bus", make_id(3))
        await bus.start()
        await until(lambda: len(bus.mail.letters()) == 2 and not hall.mail.letters_for("bus-07"))
        await bus.stop()
        await bus.start()
        await until(lambda: bus.mail.beacon() is not None)
        found = [(letter.kind, letter.letter_id, len(letter.body)) for letter in bus.mail.letters()]
        assert found == [("correction", make_id(2), 1), ("visit_pack", make_id(1), 100_000)]
        assert hall.mail.letters_for("bus-08") == [make_id(3)]


async def test_a_letter_posted_during_the_session_goes_down_at_once(tmp_path: Path) -> None:
    """The intake looks at its shelf twice a second."""
    async with running(tmp_path) as (hall, bus, relay):
        bus.heartbeat_s = 20.0
        await bus.start()
        await until(lambda: bus.mail.beacon() is not None)
        hall.mail.post_letter("bus-07", "revocation", b"{}", make_id(1))
        await until(lambda: len(bus.mail.letters()) == 1)
        assert relay.connections == 1


async def test_a_letter_goes_on_after_both_sides_restart(tmp_path: Path) -> None:
    """New objects on the same folders: it arrives once."""
    async with running(tmp_path) as (hall, bus, relay):
        hall.mail.post_letter("bus-07", "visit_pack", b"p" * 3_000_000, make_id(1))
        await bus.start()
        await until(lambda: relay.connections == 1)
        await bus.stop()
        await hall.stop()
        await hall.start()
        await bus.start()
        await until(lambda: not hall.mail.letters_for("bus-07"))
        assert [len(letter.body) for letter in bus.mail.letters()] == [3_000_000]


async def test_a_letter_the_bus_cannot_keep_blocks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older bus does not know a kind: it refuses that letter with a number, the next one arrives."""
    monkeypatch.setattr(inbox, "KINDS", ("correction",))
    async with running(tmp_path) as (hall, bus, _):
        hall.mail.post_letter("bus-07", "visit_pack", b"?", make_id(1))
        hall.mail.post_letter("bus-07", "correction", b"c", make_id(2))
        await bus.start()
        await until(lambda: hall.mail.letters_for("bus-07") == [make_id(1)])
        assert [letter.kind for letter in bus.mail.letters()] == ["correction"]


async def test_a_pulled_page_is_there_before_older_ones(tmp_path: Path) -> None:
    """A caseworker waits for the second application's last page: it overtakes."""
    async with running(tmp_path) as (hall, bus, relay):
        keep(bus, 0, pages=6, page_bytes=400_000)
        keep(bus, 1, pages=6, page_bytes=400_000)
        relay.slow_s = 0.002
        await bus.start()
        await until(lambda: len(hall.mail.arrivals()) == 2)
        hall.mail.pull(make_id(1), 11)

        def pulled() -> bool:
            arrival = hall.mail.arrival(make_id(1))
            return arrival is not None and arrival.parts[11].arrived

        await until(pulled)
        older = hall.mail.arrival(make_id(0))
        assert older is not None
        assert not older.complete
        relay.slow_s = 0.0
        await until(bus.all_are("complete"))
        assert hall.mail.pulls("bus-07") == []


async def test_an_answer_of_the_division_is_read_at_the_desk(tmp_path: Path) -> None:
    """Sealed at the office, carried by two rooms that cannot open it, opened with the desk's reading key."""
    async with running(tmp_path) as (hall, bus, _):
        clock = UplinkClock(SystemClock())
        post = Post(make_signer(OFFICE), lambda: hall.bundle, clock, counting_random(9))
        letter_id = post_answer(hall.mail, ANSWER, post, DEVICE)
        sealed = hall.mail.letter(DEVICE, letter_id)
        assert sealed is not None
        assert ANSWER.text.encode() not in sealed.body
        await bus.start()
        await until(lambda: bool(bus.mail.letters("answer")) and not hall.mail.letters_for(DEVICE))
        assert answers(bus.mail, bus.bundle, make_opening_key(READING)) == [ANSWER]


async def test_a_form_goes_down_and_the_same_letter_twice_is_one(tmp_path: Path) -> None:
    """The office signed it; whoever carries it can see that."""
    body = encode_form(FORM, make_signer(OFFICE))
    async with running(tmp_path) as (hall, bus, _):
        hall.mail.post_letter(DEVICE, "procedure", body, make_id(1))
        bus.mail.put_letter(make_id(1), "procedure", body, bus.clock.now())
        await bus.start()
        await until(lambda: not hall.mail.letters_for(DEVICE))
        assert [letter.body for letter in bus.mail.letters()] == [body]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (encode_form(replace(FORM, version="2026-11-01"), make_signer(98)), 301),
        (b"not signed at all", 301),
        (encode_form(replace(FORM, version="2026-09-01"), make_signer(OFFICE)), 302),
        (encode_form(FORM, make_signer(OFFICE)), 302),
    ],
    ids=["a stranger's", "unsigned", "older", "the same version"],
)
async def test_fail__a_form_the_bus_does_not_take(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, body: bytes, code: int
) -> None:
    """City hall hears the number, the one that is here stays, the next letter arrives; an old one is not sent again."""
    held = encode_form(FORM, make_signer(OFFICE))
    async with running(tmp_path) as (hall, bus, _):
        bus.mail.put_letter(make_id(1), "procedure", held, bus.clock.now())
        hall.mail.post_letter(DEVICE, "procedure", body, make_id(2))
        await bus.start()
        await until(lambda: f"code={code}" in caplog.text)
        hall.mail.post_letter(DEVICE, "correction", b"c", make_id(3))
        waits = [make_id(2)] if code == Refused.LETTER_NOT_SIGNED else []
        await until(lambda: hall.mail.letters_for(DEVICE) == waits)
        assert [letter.body for letter in bus.mail.letters("procedure")] == [held]


async def test_a_revocation_reaches_a_bus_on_the_road(tmp_path: Path) -> None:
    """A newer key bundle comes by letter: the other box's receipts count no longer as those of a good box."""
    lost = make_device("bus-08", signer=5, reading=14, revoked=True)
    newer = make_bundle(2, devices=[make_device(), lost])
    text = bundle_text(newer, ROOT)
    async with running(tmp_path) as (hall, bus, _):
        hall.mail.post_letter(DEVICE, "key_bundle", text.encode(), make_id(1))
        await bus.start()
        await until(lambda: (bus.folder / "bundle.json").read_text(encoding="utf-8") == text)
        await until(lambda: not hall.mail.letters_for(DEVICE))
        taken = decode_bundle(text, root_of(ROOT)).device("bus-08")
        assert taken is not None
        assert taken.revoked

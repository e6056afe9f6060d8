"""The desk as the process that systemd starts."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from appliance.config import read_settings
from appliance.desk.__main__ import build, main
from appliance.desk.attempts import Attempts, keep_attempts
from appliance.desk.counter import Counter
from appliance.desk.guarding import lock_now, lock_when_idle, until_death
from appliance.desk.pages.sheet import ReadSheet
from appliance.desk.visit import read_visit
from appliance.desk.web.app import make_room
from appliance.desk.web.room import Place, Room
from appliance.mail.store import MailStore
from tests.support.counterworld import DEVICE, PIN, STAFF, CounterWorld
from tests.support.house_process import running
from tests.support.madeup_papers import front, stack

PLACE = Place("盛岡市", "介護保険課", "", "receipt.example.jp")


class BrokenReader:
    """A reader with a fault of our own."""

    async def warm(self) -> None:
        """Do nothing."""

    async def read(self, *_args: object) -> ReadSheet:
        """Fail as no reader should."""
        raise RuntimeError("a fault of our own")


def settings(world: CounterWorld, scanner: str = "simulated") -> Path:
    """Write the bus's file for this box."""
    folder = world.folder
    (folder / "sheets").mkdir(exist_ok=True)
    other = 'folder = "x"\nca = "x"\ncertificate = "x"\nkey = "x"\n'
    path = folder / "bus.toml"
    path.write_text(
        f'device = "{DEVICE}"\nmail = "{folder}/mail"\n'
        f'[desk]\nfolder = "{world.desk}"\nkeys = "{folder}/keys"\n'
        f'bundle = "{folder}/bundle.json"\nport = 0\nscanner = "{scanner}"\n'
        f'sheets = "{folder}/sheets"\n'
        f'[uplink]\n{other}bundle = "x"\nroot = "x"\nhall_url = "wss://x"\n[call]\n{other}switchboard_url = "wss://x"\n',
        encoding="utf-8",
    )
    return path


async def test_the_process_says_ready_and_ends_when_told(world: CounterWorld) -> None:
    """One line when it serves; SIGTERM ends it with 0."""
    async with running("appliance.desk", ["--config", str(settings(world))]) as desk:
        assert desk.facts["process"] == "desk"
        async with (
            aiohttp.ClientSession() as browser,
            browser.get(desk.facts["address"] + "/healthz") as answer,
        ):
            assert (await answer.json())["visit"] == "closed"
        assert await desk.stop() == 0


async def test_a_killed_process_asks_for_the_pin_again(
    world: CounterWorld, mail: MailStore
) -> None:
    """Kill it while a visit is open: the next start is locked, not closed."""
    opened = await world.opened(mail)
    await opened.on_tray().declare(2, "")
    await opened.stop()
    keep_attempts(world.desk, Attempts(right=datetime.now(UTC)))
    for _ in range(2):
        async with running("appliance.desk", ["--config", str(settings(world))]) as desk:
            async with (
                aiohttp.ClientSession() as browser,
                browser.get(desk.facts["address"] + "/healthz") as answer,
            ):
                assert (await answer.json())["visit"] == "locked"
            desk.process.kill()


def test_a_box_that_was_never_enrolled_does_not_start(
    world: CounterWorld, caplog: pytest.LogCaptureFixture
) -> None:
    """It ends with 1 and says which file is missing."""
    path = settings(world)
    (world.folder / "keys" / "signer.key").unlink()
    assert main(["--config", str(path)]) == 1
    assert "signer.key" in caplog.text


def test_a_setting_nobody_knows_does_not_start(world: CounterWorld) -> None:
    """A typing mistake in the file is found at start."""
    path = settings(world)
    path.write_text(path.read_text(encoding="utf-8") + "\ncolour = 1\n", encoding="utf-8")
    assert main(["--config", str(path)]) == 1


async def test_a_visit_whose_pin_is_lost_can_be_abandoned(
    world: CounterWorld, mail: MailStore
) -> None:
    """The technician's way out destroys key and drafts and nothing else."""
    opened = await world.opened(mail)
    await opened.on_tray().declare(2, "")
    await opened.stop()
    assert main(["--config", str(settings(world)), "--abandon-visit"]) == 0
    assert world.counter(mail).standing == "closed"


async def test_the_settings_choose_the_scanner(world: CounterWorld) -> None:
    """The driver's name in the file decides; each driver is built without being asked anything."""
    for name in ("simulated", "sane"):
        partners = build(read_settings(settings(world, name)))
        assert partners.scanner.simulated is (name == "simulated")
        partners.mail.close()


async def test_an_untouched_screen_locks_by_itself(world: CounterWorld, mail: MailStore) -> None:
    """After the idle seconds the key is forgotten and the PIN is needed."""
    counter = await world.opened(mail)
    room = make_room(counter, PLACE, 60)
    room.sessions.begin(aiohttp.web.Response())
    watch = asyncio.create_task(lock_when_idle(counter, room.sessions))
    await asyncio.sleep(0)
    assert counter.standing == "open"
    world.clock.move(61)
    async with asyncio.timeout(60):
        while counter.standing == "open":  # noqa: ASYNC110 - the watch looks once a second
            await asyncio.sleep(0.02)
    watch.cancel()
    assert (counter.standing, room.sessions.idle_left()) == ("locked", None)


async def test_a_screen_shut_while_work_ran_locks_after_it(
    world: CounterWorld, mail: MailStore
) -> None:
    """Nobody is signed in any more: the keys go as soon as the work is through."""
    counter = await world.opened(mail)
    room = make_room(counter, PLACE, 60)
    spent = asyncio.Event()
    counter.on_spent = spent.set
    counter.lock_due = True
    watch = asyncio.create_task(lock_when_idle(counter, room.sessions))
    async with asyncio.timeout(60):
        await spent.wait()
    watch.cancel()
    assert counter.standing == "locked"


async def while_a_stack_is_read(world: CounterWorld, mail: MailStore) -> tuple[Counter, Room]:
    """Return counter and room of somebody who signed in and waits for the scanner."""
    counter = await world.opened(mail)
    room = make_room(counter, PLACE, 60)
    room.sessions.begin(aiohttp.web.Response())
    world.scanner.gate = asyncio.Event()
    world.scanner.stack = stack(1)
    await counter.on_tray().declare(1, "")
    await counter.on_tray().feed()
    await world.scanner.waiting.wait()
    return counter, room


async def test_a_door_or_an_ignition_locks_at_once(world: CounterWorld, mail: MailStore) -> None:
    """Even while a stack is read; after the PIN the batch goes on as after a power cut."""
    counter, room = await while_a_stack_is_read(world, mail)
    await lock_now(counter, room.sessions, "door")
    assert (counter.standing, room.sessions.idle_left()) == ("locked", None)
    assert counter.spent
    await lock_now(counter, room.sessions, "door")


async def test_work_holds_the_screen_open(world: CounterWorld, mail: MailStore) -> None:
    """A person who waits for the scanner is not locked out."""
    counter, room = await while_a_stack_is_read(world, mail)
    world.clock.move(61)
    watch = asyncio.create_task(lock_when_idle(counter, room.sessions))
    async with asyncio.timeout(60):
        while (room.sessions.idle_left() or 0) <= 0:  # noqa: ASYNC110 - the same
            await asyncio.sleep(0.02)
    assert counter.standing == "open"
    watch.cancel()
    await counter.stop()


async def test_a_task_that_dies_ends_the_process(world: CounterWorld, mail: MailStore) -> None:
    """Nothing goes on half alive: systemd starts it anew."""
    counter = await world.opened(mail)
    counter.on_tray().work._reader = BrokenReader()
    world.scanner.stack = [front(1)]
    await counter.on_tray().declare(1, "")
    await counter.on_tray().feed()
    async with asyncio.timeout(60):
        await until_death(counter)
    await counter.stop()


async def test_a_pin_from_yesterday_opens_todays_restart(
    world: CounterWorld, mail: MailStore
) -> None:
    """A visit left open over night is the same visit."""
    opened = await world.opened(mail)
    await opened.stop()
    world.clock.wall += timedelta(hours=20)
    again = world.counter(mail)
    await again.sign_in(STAFF, PIN)
    assert again.opened().file.visit == opened_visit(world)
    await again.stop()


def opened_visit(world: CounterWorld) -> str:
    """Return the id of the visit on disk."""
    file = read_visit(world.desk)
    assert file is not None
    return file.visit

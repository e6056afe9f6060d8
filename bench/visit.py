"""Measures the end of a visit, the lock and the way back after a cut: a real desk process on a software TPM.

    ./run bench visit [--rounds 20] [--json]

Each round opens a visit by PIN, lays 180 sealed pictures of 400 kB beside its draft (60 applications of three), ends it
by the button, and then tries what a thief could: a copy of the disk from within the visit, the chip's state after
it, and the right PIN. `closed_s` is the button to the answer: chip and disk are cleared. `gone_s` is the button until
the process image that held the keys is replaced. `locked_s` is the same for the lock. `ready_s` is a kill -9 of the
desk in an open visit until a fresh one said it is ready, `back_s` until the PIN gave the draft back.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import aiohttp
import aiohttp.web

from appliance.desk.visit import DRAFTS_FOLDER, VisitPinWrong, read_visit
from hardware.errors import DeviceError
from tests.support.counterworld import DEVICE, PIN, STAFF, CounterWorld
from tests.support.house_process import Running, running
from tests.support.madeup_papers import due
from tests.support.swtpm import PROGRAM, WITHOUT, Swtpm

PICTURES, PICTURE_BYTES = 180, 400_000
TARGET_S, PATIENCE_S = 2.0, 60.0
Times = dict[str, list[float]]


class Kiosk:
    """A program at the desk's kiosk."""

    def __init__(self, browser: aiohttp.ClientSession, desk: Running) -> None:
        self._browser, self.desk = browser, desk
        self._address = desk.facts["address"]

    async def phase(self) -> str:
        """Return where the counter stands."""
        async with self._browser.get(self._address + "/state.json") as answer:
            told = await answer.json()
        self._csrf = told["csrf"]
        return str(told["phase"])

    async def press(self, path: str, **values: str) -> None:
        """Press a button; raises RuntimeError when it was refused."""
        await self.phase()
        url, form = self._address + path, {**values, "csrf": self._csrf}
        async with self._browser.post(url, data=form, allow_redirects=False) as answer:
            if answer.status != web_see_other():
                raise RuntimeError(f"{path}: {answer.status}")

    async def enter(self) -> None:
        """Give staff, PIN and stop."""
        await self.press("/visit", staff_id=STAFF, pin=PIN, stop_id="kitakami")

    def image(self) -> bytes:
        """Return what tells one process image from the next."""
        return Path(f"/proc/{self.desk.process.pid}/auxv").read_bytes()

    async def replaced(self, before: bytes) -> None:
        """Wait for the next process image."""
        async with asyncio.timeout(PATIENCE_S):
            while self.image() == before:  # noqa: ASYNC110 - the kernel tells nobody of it
                await asyncio.sleep(0.002)


def web_see_other() -> int:
    """Return the status of a button that leads on."""
    return aiohttp.web.HTTPSeeOther.status_code


def settings(world: CounterWorld, chip: Swtpm) -> list[str]:
    """Write the bus's file for this box and return the desk's arguments."""
    folder = world.folder
    other = 'folder = "x"\nca = "x"\ncertificate = "x"\nkey = "x"\n'
    (folder / "sheets").mkdir()
    (folder / "bus.toml").write_text(
        f'device = "{DEVICE}"\nmail = "{folder}/mail"\n[desk]\nfolder = "{world.desk}"\nkeys = "{folder}/keys"\n'
        f'bundle = "{folder}/bundle.json"\nport = 0\nscanner = "simulated"\nsheets = "{folder}/sheets"\n'
        f'tpm = "{chip.setting}"\n[uplink]\n{other}bundle = "x"\nroot = "x"\nhall_url = "wss://x"\n'
        f'[call]\n{other}switchboard_url = "wss://x"\n',
        encoding="utf-8",
    )
    return ["--config", str(folder / "bus.toml")]


def opened(copy: Path, chip: Swtpm) -> int:
    """Return how many visit keys the PIN gets out of a copy of the disk and this chip."""
    file = read_visit(copy)
    if file is None:
        return 0
    try:
        return len(file.unlock(PIN, chip.driver)) // 32
    except (DeviceError, VisitPinWrong):
        return 0


async def one_round(kiosk: Kiosk, world: CounterWorld, chip: Swtpm, times: Times) -> int:
    """Open, lock, unlock, end; return how many keys a thief gets after the end."""
    await kiosk.enter()
    before, began = kiosk.image(), time.perf_counter()
    await kiosk.press("/visit/lock")
    await kiosk.replaced(before)
    times["locked_s"].append(time.perf_counter() - began)
    await kiosk.enter()
    for number in range(PICTURES):
        place = world.desk / DRAFTS_FOLDER / f"000-{number:04}-fed.sealed"
        place.write_bytes(os.urandom(PICTURE_BYTES))
    with tempfile.TemporaryDirectory() as taken:
        copy = Path(taken) / "desk"
        shutil.copytree(world.desk, copy)
        if not opened(copy, chip):
            raise RuntimeError("the trial does not open what is open")
        before, began = kiosk.image(), time.perf_counter()
        await kiosk.press("/visit/close", anyway="1")
        times["closed_s"].append(time.perf_counter() - began)
        await kiosk.replaced(before)
        times["gone_s"].append(time.perf_counter() - began)
        if (world.desk / DRAFTS_FOLDER).exists() or read_visit(world.desk) is not None:
            raise RuntimeError("the visit's files are still there")
        await kiosk.phase()
        times["next_s"].append(time.perf_counter() - began)
        return opened(copy, chip)


async def one_cut(arguments: list[str], times: Times) -> None:
    """Kill a desk in an open visit, start another, and give the PIN."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as browser:
        async with running("appliance.desk", arguments) as desk:
            await Kiosk(browser, desk).enter()
            desk.process.kill()
            await desk.process.wait()
        began = time.perf_counter()
        async with running("appliance.desk", arguments) as desk:
            times["ready_s"].append(time.perf_counter() - began)
            kiosk = Kiosk(browser, desk)
            await kiosk.enter()
            times["back_s"].append(time.perf_counter() - began)
            if await kiosk.phase() != "open":
                raise RuntimeError("the visit is not back")
            await kiosk.press("/visit/close", anyway="1")


async def measure(rounds: int) -> dict[str, object]:
    """Run the rounds and return each figure's median and worst."""
    times: Times = {
        name: [] for name in ("locked_s", "closed_s", "gone_s", "next_s", "ready_s", "back_s")
    }
    thief = 0
    with tempfile.TemporaryDirectory() as place:
        world, chip = CounterWorld(Path(place) / "box").enrol(), Swtpm(Path(place))
        mail = world.open_mail()
        world.post(mail, "visit_pack", world.pack(due(1)))
        mail.close()
        arguments = settings(world, chip)
        try:
            jar = aiohttp.CookieJar(unsafe=True)
            async with (
                running("appliance.desk", arguments) as desk,
                aiohttp.ClientSession(cookie_jar=jar) as browser,
            ):
                kiosk = Kiosk(browser, desk)
                for _ in range(rounds):
                    thief += await one_round(kiosk, world, chip, times)
            for _ in range(max(rounds // 4, 1)):
                await one_cut(arguments, times)
        finally:
            chip.cut()
    figures = {
        name: {"median": round(statistics.median(all_), 3), "worst": round(max(all_), 3)}
        for name, all_ in times.items()
    }
    within = sum(one <= TARGET_S for one in times["gone_s"])
    return {"rounds": rounds, "within_2_s": within, "opened_after_the_end": thief, **figures}


def main() -> int:
    """Measure and print; 1 when a visit's end took too long or left something to open."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--json", action="store_true", help="print one JSON object alone")
    given = parser.parse_args()
    if PROGRAM is None:
        print(f"visit: {WITHOUT}; install it, then measure again", file=sys.stderr)
        return 2
    found = asyncio.run(measure(given.rounds))
    print(json.dumps(found, indent=None if given.json else 1))
    return 0 if found["within_2_s"] == given.rounds and not found["opened_after_the_end"] else 1


if __name__ == "__main__":
    sys.exit(main())

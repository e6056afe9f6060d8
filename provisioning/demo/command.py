"""`madobus demo`: starts city hall and one bus here; --auto plays a whole stop and checks every promise."""

import argparse
import asyncio
import contextlib
import json
import logging
import secrets
import signal
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cityhall.mail.store import HallMail
from cityhall.office.correspondence import post_visit_pack
from cityhall.office.system_clock import SystemClock
from provisioning.city import City
from provisioning.demo.caseworker import Caseworker, caseworker
from provisioning.demo.pace import TraceError, condition
from provisioning.demo.process import ProcessFailed
from provisioning.demo.samples.people import Person
from provisioning.demo.samples.photographs import make_photographs
from provisioning.demo.samples.stack import make_stack
from provisioning.demo.screens import DeskScreen, OfficeScreen, ScreenError
from provisioning.demo.stop import Plan, Screens, Stop
from provisioning.demo.tally import Tally
from provisioning.demo.terminal import Terminal
from provisioning.demo.tray import lay_into_feeder, lay_into_folder, pictures_in
from provisioning.demo.visits import JAPAN, Visits, plan_visits
from provisioning.demo.world import DEVICE, Addresses, World, times_started

USUAL_PEOPLE = 12
FAILED = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """A demonstration that stands: its processes, its people, its papers."""

    world: World
    city: City
    addresses: Addresses
    visits: Visits
    sheets: tuple[Path, ...]
    worker: Caseworker
    packs: int

    async def load(self, sheets: tuple[Path, ...]) -> list[str]:
        """Lay sheets into the scanner; returns a sentence for each one that is no sheet."""
        if self.world.scanner_is_simulated:
            return await asyncio.to_thread(lay_into_folder, self.world.tray, sheets)
        return await lay_into_feeder(f"http://127.0.0.1:{self.world.ports['feeder']}", sheets)


def main(argv: list[str]) -> int:
    """Run the demonstration; exit 0 only if every check held."""
    given = _arguments(argv)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(name)s %(message)s")
    with contextlib.ExitStack() as kept:
        folder = given.data or Path(
            kept.enter_context(tempfile.TemporaryDirectory(prefix="madobus-"))
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return asyncio.run(_run(given, folder))
        except KeyboardInterrupt:
            return 0
        except (ProcessFailed, TraceError, ScreenError, OSError) as failure:
            print(f"demo: {failure}", file=sys.stderr)
            return FAILED


async def _run(given: argparse.Namespace, folder: Path) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, _leave, stopping, task if given.auto else None)
    world = World(
        folder,
        given.link,
        simulated_scanner=given.scanner == "simulated",
        usual_ports=not given.auto,
        with_camera=not given.auto,
    )
    try:
        stage = await _set_up(world, given)
        if given.auto:
            return await _play(stage, given)
        terminal = Terminal(stage.world, stage.worker, stage.addresses, stage.load, stage.sheets)
        await terminal.serve(stopping)
    except asyncio.CancelledError:
        _tell("interrupted; stopping the processes. What was handed in stays sealed in its folder")
        return FAILED
    else:
        return 0
    finally:
        await world.stop()


def _leave(stopping: asyncio.Event, task: "asyncio.Task[int] | None") -> None:
    if stopping.is_set():
        return  # stopping already: a second Ctrl-C must not leave processes behind
    stopping.set()
    if task is not None:
        task.cancel()


async def _set_up(world: World, given: argparse.Namespace) -> Stage:
    condition(given.link)  # a wrong name is said before anything starts
    start = times_started(world.data)
    _tell("founding the city and enrolling the bus")
    city, _ = await world.prepare()
    _tell("this bus has no security chip (TPM): the PIN alone guards its keys")
    _tell(
        f"drawing the papers of {given.people} fictitious people"
        if given.pages is None
        else "looking at the pages"
    )
    papers = asyncio.create_task(asyncio.to_thread(_papers, world, given, start))
    _tell("starting six processes")
    addresses = await world.start()
    worker = await caseworker(world.data, city.settings_path)
    sheets, people = await papers
    visits = plan_visits(people, datetime.now(UTC), start)
    async with DeskScreen(addresses.desk) as desk:
        packs = int((await desk.read("/healthz"))["letters"]) + len(visits.packs)
    await asyncio.to_thread(_post, city, visits)
    return Stage(world, city, addresses, visits, sheets, worker, packs)


def _papers(
    world: World,
    given: argparse.Namespace,
    start: int,
) -> tuple[tuple[Path, ...], tuple[Person, ...]]:
    """Return the stack's sheets and all who come; one more comes to the camera."""
    today, seed = datetime.now(JAPAN).date(), given.seed + start
    late: tuple[Person, ...] = ()
    if world.with_camera:
        late = (make_photographs(world.under_camera, seed=seed, today=today),)
    if given.pages is not None:
        return pictures_in(given.pages), late
    stack = make_stack(world.data / "samples", seed=seed, people=given.people, today=today)
    return stack.sheets, (*stack.people, *late)


def _post(city: City, visits: Visits) -> None:
    mail = HallMail(city.mail)
    bundle, signer, clock = city.bundle(), city.office_signer(), SystemClock()
    for pack in visits.packs:
        post_visit_pack(mail, pack, bundle, signer, DEVICE, clock, secrets.token_bytes)


async def _play(stage: Stage, given: argparse.Namespace) -> int:
    plan = Plan(
        stop_id=stage.visits.today.stop,
        next_stop_id=stage.visits.following.stop,
        packs=stage.packs,
        declare=given.people,
        sheets=stage.sheets,
        link=given.link,
        bundle=stage.city.bundle_path,
        known_forms=given.pages is None,
    )
    async with (
        DeskScreen(stage.addresses.desk) as desk,
        OfficeScreen(stage.addresses.office) as office,
    ):
        await office.sign_in(stage.worker.name, stage.worker.password, stage.worker.code())
        stop = Stop(stage.world, plan, Screens(desk, office), stage.load, _tell)
        try:
            await stop.play()
        except ScreenError as failure:
            stop.tally.problems.append(str(failure))
    _report(stop.tally, as_json=given.json)
    return 0 if stop.tally.ok else FAILED


def _report(tally: Tally, *, as_json: bool) -> None:
    found = tally.as_json()
    if as_json:
        print(json.dumps(found, ensure_ascii=False, indent=1))
        return
    totals = found["totals"]
    print(f"scanner: {tally.scanner}")
    print("  ".join(f"{name} {value}" for name, value in totals.items()))
    print(
        f"receipts verified offline: {tally.receipts_verified}; lost {tally.lost}; doubled {tally.duplicates}"
    )
    print("seconds: " + ", ".join(f"{name} {value}" for name, value in tally.timings.items()))
    for sentence in (*tally.refused, *tally.problems):
        print(f"- {sentence}")
    print("every check held" if tally.ok else "NOT every check held")


def _tell(words: str) -> None:
    print(f"demo: {words}", file=sys.stderr, flush=True)


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="madobus demo", description=__doc__)
    parser.add_argument("--auto", action="store_true", help="play one whole stop without a person")
    parser.add_argument("--json", action="store_true", help="with --auto: print one JSON object")
    parser.add_argument("--pages", type=_folder, help="use this folder's pictures as the stack")
    parser.add_argument("--link", default="good", help="good, poor, gone, or a trace file")
    parser.add_argument("--data", type=Path, help="keep everything in this folder between starts")
    parser.add_argument(
        "--people", type=int, default=USUAL_PEOPLE, help="how many come with papers"
    )
    parser.add_argument("--seed", type=int, default=1, help="which fictitious people come")
    parser.add_argument(
        "--scanner", choices=["sane", "simulated"], help="simulated: do without SANE"
    )
    return parser.parse_args(argv)


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is not a folder; name one with pictures in it")
    if not pictures_in(path):
        raise argparse.ArgumentTypeError(
            f"{text} has no picture (.jpg, .png, .webp, .tif); add one"
        )
    return path

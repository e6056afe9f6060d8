"""Measures a whole stop by hand: a person's presses, typed signs and waits from the feeder to the receipts.

    ./run bench stop [--applications 30] [--batches clean,dirty] [--pages DIR] [--seed 1] [--json]

A real desk process, a real browser, the real SANE stack before a played scanner (a folder where SANE is missing), the
real reader. The pages are the program's own known forms with code and due list, a third of them in hand-like fonts,
made once into DIR. Counted is every press, every sign typed and every stack laid in by hand, from feed to receipts.
In the dirty batch one application of six has what usually is wrong: back missing, physician blank, card lost, number
transposed, page blurred. `answers` are what the browser waited for, from asking to the last byte, while sheets were
scanned and read (the page is also asked anew every four seconds then) and at all other times. `wrong` names each
field that was handed in other than the paper and the care manager say. Ends with 1 beyond the target of a clean batch.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from appliance.desk.clock import JST
from appliance.desk.letters import VISIT_PACK
from bench._stop_clerk import Clerk, Json, wrong_answers
from bench._stop_hands import Answers, Hands, told
from bench._stop_papers import Papers, make_papers
from provisioning.demo.tray import lay_into_folder
from tests.support.counterworld import DEVICE, PIN, STAFF, HandClock
from tests.support.desk_browser import chromium
from tests.support.house_process import running
from tests.support.person_stop import PersonBox
from tests.support.sane_stack import missing, played

MOST_PRESSES, MOST_TYPED, MOST_P95_MS = 40, 0, 200.0
READ_MS = 1_200_000
Lay = Callable[[Sequence[Path]], Awaitable[None]]


@asynccontextmanager
async def feeder(folder: Path) -> AsyncIterator[tuple[str, Lay]]:
    """Give the settings of a scanner, and the way to lay sheets into it."""
    if missing():
        tray = folder / "sheets"
        tray.mkdir()

        async def lay_in(sheets: Sequence[Path]) -> None:
            await asyncio.to_thread(lay_into_folder, tray, sheets)

        yield f'scanner = "simulated"\nsheets = "{tray}"\n', lay_in
        return
    async with played(folder / "sane") as device:

        async def lay_on(sheets: Sequence[Path]) -> None:
            if refused := await device.feeder.load(list(sheets)):
                raise ValueError(f"the feeder took no {refused}")

        yield (
            f'scanner = "sane"\nscanner_device = "{device.device}"\nsane_config = "{device.config}"\n',
            lay_on,
        )


def settings(world: PersonBox, scanner: str) -> list[str]:
    """Write the bus's file and return the desk's arguments."""
    folder = world.folder
    other = 'folder = "x"\nca = "x"\ncertificate = "x"\nkey = "x"\n'
    (folder / "bus.toml").write_text(
        f'device = "{DEVICE}"\nmail = "{folder}/mail"\n[desk]\nfolder = "{world.desk}"\nkeys = "{folder}/keys"\n'
        f'bundle = "{folder}/bundle.json"\nport = 0\n{scanner}[uplink]\n{other}bundle = "x"\nroot = "x"\n'
        f'hall_url = "wss://x"\n[call]\n{other}switchboard_url = "wss://x"\n',
        encoding="utf-8",
    )
    return ["--config", str(folder / "bus.toml")]


def enrolled(folder: Path, papers: Papers) -> PersonBox:
    """Enrol a box whose next stop's pack lies on board."""
    now = datetime.now(UTC)
    world = PersonBox(folder, clock=HandClock(now))
    world.enrol()
    mail = world.open_mail()
    ends = now + timedelta(minutes=75)
    world.post(mail, VISIT_PACK, world.pack(*papers.due, starts_at=now, ends_at=ends))
    mail.close()
    return world


async def open_visit(page: Page, address: str, count: int) -> None:
    """Come to the feed page: staff, PIN, stop and the number of applications, which are not counted."""
    await page.goto(address)
    await page.select_option("#staff_id", STAFF)
    await page.fill("#pin", PIN)
    async with page.expect_navigation():
        await page.locator(".door .button-main").click()
    async with page.expect_navigation():
        await page.locator(".choice").first.click()
    async with page.expect_navigation():
        await page.locator(f"button[name=count][value='{count}']").click()


async def one_batch(papers: Papers) -> Json:
    """Work one batch at a fresh desk, and tell what it took."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="madobus-stop-")))
        scanner, lay = await stack.enter_async_context(feeder(folder))
        world = enrolled(folder / "box", papers)
        desk = await stack.enter_async_context(running("appliance.desk", settings(world, scanner)))
        page = await stack.enter_async_context(chromium())
        page.set_default_timeout(READ_MS)
        answers = Answers()
        answers.watch(page)
        address = desk.facts["address"]
        await open_visit(page, address, len(papers.residents))

        async def state() -> Json:
            answer = await page.context.request.get(f"{address}/state.json")
            found: Json = await answer.json()
            return found

        clerk = Clerk(Hands(page), answers, papers.residents, lay, state)
        begin, busy = time.monotonic(), _busy()
        last = await clerk.feed_to_receipts()
        seconds, after = time.monotonic() - begin, _busy()
        return {
            **_counted(clerk, last, papers),
            "seconds": round(seconds, 1),
            "processors_busy": round((after - busy) / seconds, 2),
            "answers": {
                "while scanning": told(answers.while_scanning),
                "otherwise": told(answers.otherwise),
            },
        }


def _counted(clerk: Clerk, last: Json, papers: Papers) -> Json:
    hands = clerk.hands
    return {
        "applications": len(papers.residents),
        "sheets": papers.sheets,
        "found": len(last["applications"]),
        "handed_in": sum(one["filed_at"] is not None for one in last["applications"]),
        "presses": hands.presses.total(),
        "typed": hands.typed.total(),
        "stacks_laid": hands.stacks_laid,
        "sheets_laid": hands.sheets_laid,
        "looks": clerk.looks,
        "looked_at": clerk.looked_at,
        "wrong": wrong_answers(last, clerk),
        "pages": {
            name: {"presses": hands.presses[name], "typed": hands.typed[name]}
            for name in sorted(hands.presses | hands.typed)
        },
    }


def _busy() -> float:
    """Return the seconds that all processors have worked since the machine began."""
    ticks = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:]
    idle = int(ticks[3]) + int(ticks[4])
    return (sum(map(int, ticks[:8])) - idle) / os.sysconf("SC_CLK_TCK")


def show(name: str, found: Json) -> None:
    """Print one batch as a table by page."""
    print(f"\n{name}: {found['applications']} applications, {found['sheets']} sheets", end="; ")
    print(
        f"{found['presses']} presses, {found['typed']} signs typed, {found['looks']} looks",
        end="; ",
    )
    print(f"laid in {found['stacks_laid']} times; {found['seconds']} s", end="; ")
    print(f"{found['processors_busy']} processors busy; {len(found['wrong'])} fields wrong")
    print(
        f"  {'page':38}{'presses':>8}{'typed':>7}{'asked':>7}{'p50 ms':>8}{'p95 ms':>8}{'max ms':>8}"
    )
    scanning, otherwise = found["answers"]["while scanning"], found["answers"]["otherwise"]
    for when, times in (("while scanning", scanning), ("otherwise", otherwise)):
        print(f"  {when}")
        for page, took in times.items():
            by_hand = found["pages"].get(page, {}) if when == "otherwise" else {}
            presses, typed = by_hand.get("presses", ""), by_hand.get("typed", "")
            print(
                f"    {page:36}{presses:>8}{typed:>7}{took['count']:>7}"
                f"{took['p50_ms']:>8}{took['p95_ms']:>8}{took['max_ms']:>8}"
            )
    print("  pressed on: " + ", ".join(f"{k} {v['presses']}" for k, v in found["pages"].items()))
    for fact in (*found["looked_at"], *found["wrong"]):
        print(f"  {fact}")


async def measure(asked: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Make the pages that are not there yet, then work each batch."""
    today = datetime.now(JST).date()
    found: dict[str, Any] = {
        "load_before": round(os.getloadavg()[0], 2),
        "processors": os.cpu_count(),
        "scanner": "simulated" if missing() else "sane",
    }
    for name in asked.batches.split(","):
        papers = make_papers(folder, asked.applications, asked.seed, today, dirty=name == "dirty")
        found[name] = await one_batch(papers)
    return found


def within(found: dict[str, Any]) -> bool:
    """Tell whether the clean batch kept to its target; a batch that was not asked for did."""
    clean = found.get("clean")
    if clean is None:
        return True
    screens = clean["answers"]["while scanning"]["all screens"]
    few = clean["presses"] <= MOST_PRESSES and clean["typed"] <= MOST_TYPED
    whole = clean["handed_in"] == clean["applications"]
    return bool(few and whole and screens["p95_ms"] <= MOST_P95_MS)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--applications", type=int, default=30)
    parser.add_argument("--batches", default="clean,dirty", help="clean, dirty or both")
    parser.add_argument(
        "--pages", type=Path, help="where the pages lie or are made; else for this run"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="madobus-pages-") as folder:
        found = asyncio.run(measure(asked, asked.pages or Path(folder)))
    if asked.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(f"load before {found['load_before']} on {found['processors']} processors", end="; ")
        print(f"scanner: {found['scanner']}")
        for name in asked.batches.split(","):
            show(name, found[name])
    return 0 if within(found) else 1


if __name__ == "__main__":
    sys.exit(main())

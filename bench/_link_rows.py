"""The figures beside the table: an urgent record's wait, resuming after a silence or a cut, the uplink's cost."""

import asyncio
import os
import statistics
import time
from pathlib import Path
from typing import Any

from bench._link_day import make_day
from bench._link_rig import laid_out, ours, until
from bench._sealed_day import seal_day
from provisioning.city import City
from provisioning.enrol import Bus

SLOW_BITS = 256_000
TURNS = 10
AWAY_S = 6.0
QUEUED = 3000
UNDER_WAY = 100_000


async def urgent_wait(folder: Path) -> dict[str, Any]:
    """Return how long a record kept while pages fill a link of 256 kbit/s takes to be at the hall; median of 5."""
    day, late = folder / "slow-day", folder / "late"
    make_day(day, 6, seed=2)
    waits = []
    async with laid_out(folder / "slow", day, "gone") as work:
        send = await ours(work)
        work.link.switch(str(_steady(folder / "slow.up", SLOW_BITS)))
        await send()
        await until(lambda: len(list(work.store.rglob("record*"))) == len(_apps(day)), 60)
        for turn in range(5):
            await asyncio.sleep(3)  # pages fill the window again
            make_day(late / str(turn), 1, seed=10 + turn)
            number = f"app-9{turn:03}"
            (late / str(turn) / "items" / "app-0001").rename(late / str(turn) / "items" / number)
            began = time.monotonic()
            city, bus = City(work.folder / "hall" / "city"), Bus(work.folder / "bus" / "box")
            await asyncio.to_thread(seal_day, late / str(turn) / "items", city, [bus])
            target = work.store / number / "record.json"
            await until(target.exists, 60)
            waits.append(time.monotonic() - began)
    return {"urgent_wait_s": round(statistics.median(waits), 2), "urgent_waits_s": _round(waits)}


async def resume(folder: Path) -> dict[str, Any]:
    """Return how soon bytes go up again when the link is back, after a silence and after a cut; medians of 10."""
    day = folder / "long-day"
    make_day(day, 30, seed=3)
    found: dict[str, list[float]] = {"resume_s": [], "resume_new_address_s": []}
    async with laid_out(folder / "resume", day, "gone") as work:
        send = await ours(work)
        trace = str(_steady(folder / "usual.up", 1_000_000))
        work.link.switch(trace)
        await send()
        await until(lambda: work.link.bytes_up > UNDER_WAY, 60)
        for turn in range(2 * TURNS):
            cut = bool(turn % 2)
            work.link.switch("gone")
            if cut:
                work.link.cut()
            await asyncio.sleep(AWAY_S)
            here = work.link.bytes_up
            work.link.switch(trace)
            waited = await until(lambda here=here: work.link.bytes_up > here + 2000, 60)
            found["resume_new_address_s" if cut else "resume_s"].append(waited)
            await asyncio.sleep(1)
    return {key: round(statistics.median(waits), 2) for key, waits in found.items()} | {
        "resumes_s": _round(found["resume_s"]),
        "resumes_new_address_s": _round(found["resume_new_address_s"]),
    }


async def cost(folder: Path) -> dict[str, Any]:
    """Return the uplink's share of a core for each Mbit/s, and its memory with 3,000 applications queued."""
    day = folder / "cost-day"
    make_day(day, 20, seed=4)
    async with laid_out(folder / "cost", day, "gone") as work:
        send = await ours(work)
        trace = str(_steady(folder / "fast.up", 4_000_000))
        work.link.switch(trace)
        await send()
        uplink = work.children[-1].pid
        await until(lambda: work.link.bytes_up > 10 * UNDER_WAY, 60)
        began, spent, sent = time.monotonic(), _cpu_s(uplink), work.link.bytes_up
        await asyncio.sleep(6)
        mbit = (work.link.bytes_up - sent) * 8 / 1e6
        share = (_cpu_s(uplink) - spent) / mbit
        mbit_s = mbit / (time.monotonic() - began)
    memory = await _memory(folder)
    return {
        "cpu_share_per_mbit_s": round(share, 4),
        "at_mbit_s": round(mbit_s, 2),
        "rss_mb": memory,
    }


async def _memory(folder: Path) -> float:
    """Return the uplink's resident megabytes while it carries with a shelf of 3,000 applications."""
    day = folder / "queue-day"
    small = day / "items"
    for number in range(QUEUED):
        place = small / f"app-{number:04}"
        place.mkdir(parents=True)
        (place / "record.json").write_bytes(os.urandom(700))
        (place / "page-1.bin").write_bytes(os.urandom(900))
    (day / "manifest.json").write_text('{"bytes": 0, "items": []}')
    async with laid_out(folder / "queue", day, "gone") as work:
        send = await ours(work)
        work.link.switch(str(_steady(folder / "usual.up", 1_000_000)))
        await send()
        uplink = work.children[-1].pid
        await until(lambda: work.link.bytes_up > 20 * UNDER_WAY, 120)
        return round(_rss_mb(uplink), 1)


def _steady(path: Path, bits_s: int) -> Path:
    """Write a trace of one rate."""
    gap = 1500 * 8 * 1000 / bits_s
    path.write_text("".join(f"{int(step * gap)}\n" for step in range(1, int(60_000 / gap))))
    return path


def _apps(day: Path) -> list[Path]:
    return list((day / "items").iterdir())


def _cpu_s(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def _rss_mb(pid: int) -> float:
    words = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()
    return int(words[0]) / 1024


def _round(values: list[float]) -> list[float]:
    return [round(value, 2) for value in values]

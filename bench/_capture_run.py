"""Reads sample pages as the desk does, two at a time through its reader, and watches what that costs."""

import asyncio
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.desk.pages.reader import PageReader
from appliance.desk.pages.sheet import ReadSheet
from bench._capture_truth import Capture

LANES = 2
"""Sheets read at once: the cores of a bus."""
LOOK_EVERY_S = 0.1
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Cost:
    """What reading cost: processor and wall seconds of all pages, peak megabytes of all readers (PSS, summed)."""

    pages: int
    processor_s: float
    wall_s: float
    rss_mb: float


async def read_all(pages: Sequence[Capture]) -> tuple[list[ReadSheet], Cost]:
    """Read every page wholly; the models are opened on one page before the clock starts."""
    reader = PageReader(LANES)
    peak = [0.0]
    watch = asyncio.create_task(_watch(peak))
    try:
        await reader.warm()
        warm = pages[0].path.read_bytes()
        await asyncio.gather(*(_read(reader, warm, pages[0].dpi) for _ in range(LANES)))
        before, begin = _processor(), time.monotonic()
        places = asyncio.Semaphore(LANES)

        async def one(page: Capture) -> ReadSheet:
            async with places:
                sheet = await _read(reader, page.path.read_bytes(), page.dpi)
            print(f"{page.name}: {sheet.kind}", file=sys.stderr)
            return sheet

        sheets = await asyncio.gather(*(one(page) for page in pages))
        cost = Cost(len(pages), _processor() - before, time.monotonic() - begin, peak[0])
    finally:
        watch.cancel()
        await reader.close()
    return list(sheets), cost


async def _read(reader: PageReader, data: bytes, dpi: int) -> ReadSheet:
    return await reader.read(data, "image/jpeg", dpi, deep=True)


async def _watch(peak: list[float]) -> None:
    while True:
        peak[0] = max(peak[0], sum(_held_mb(pid) for pid in _below(os.getpid())))
        await asyncio.sleep(LOOK_EVERY_S)


def _below(pid: int) -> list[int]:
    """Name all processes below one."""
    found: list[int] = []
    for told in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(text) for text in told.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *_below(child)]
    return found


def _held_mb(pid: int) -> float:
    """Tell what a process holds; of what several share, its share."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _processor() -> float:
    """Sum the processor seconds of all living readers, and of those that ended."""
    total = 0
    for pid in _below(os.getpid()):
        try:
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(told[place]) for place in (11, 12, 13, 14))
    ended = os.times()
    return total / TICKS + ended.children_user + ended.children_system

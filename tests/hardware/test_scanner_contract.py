"""What every scanner driver promises: the real SANE stack and the simulated one pass the same tests."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from hardware.errors import DeviceBusy, DeviceError, DeviceFault, DeviceMissing
from hardware.protocols import FeederState, Scanner, Sheet
from hardware.scanner.sane import SaneScanner
from hardware.scanner.simulated import SimulatedScanner
from hardware.scanner.tray import Fault
from tests.support.pictures import pixels, write_sheets
from tests.support.sane_stack import NEEDS_SANE, Played, played

SIZES = ((413, 585), (818, 389), (324, 243), (243, 324))


class Bench(Protocol):
    """One scanner on the bench, with a hand that lays paper in and breaks things."""

    scanner: Scanner

    async def lay_in(self, *sizes: tuple[int, int]) -> list[Path]:
        """Put sheets of these sizes under the stack; give their files."""

    def set_fault(self, fault: Fault | None, after: int = 0) -> None:
        """Break something after so many more sheets; None mends it."""


class SaneBench:
    """The real stack."""

    def __init__(self, folder: Path, device: Played, *, duplex: bool) -> None:
        self._folder = folder
        self._played = device
        self._laid = 0
        self.scanner: Scanner = SaneScanner(
            device.device, dpi=300, config=device.config, duplex=duplex
        )

    async def lay_in(self, *sizes: tuple[int, int]) -> list[Path]:
        """Write the sheets and lay them in."""
        paths = write_sheets(self._folder, *sizes, first=self._laid + 1)
        self._laid += len(paths)
        assert await self._played.feeder.load(paths) == []
        return paths

    def set_fault(self, fault: Fault | None, after: int = 0) -> None:
        """Break the scanner."""
        self._played.feeder.set_fault(fault, after)


class SimulatedBench:
    """The simulated driver."""

    def __init__(self, folder: Path, *, duplex: bool) -> None:
        self._folder = folder
        self._laid = 0
        self._driver = SimulatedScanner(folder, duplex=duplex)
        self.scanner: Scanner = self._driver

    async def lay_in(self, *sizes: tuple[int, int]) -> list[Path]:
        """Write the sheets and lay them in."""
        paths = write_sheets(self._folder, *sizes, first=self._laid + 1)
        self._laid += len(paths)
        return paths

    def set_fault(self, fault: Fault | None, after: int = 0) -> None:
        """Break the scanner."""
        self._driver.set_fault(fault, after)


@asynccontextmanager
async def bench_of(driver: str, tmp_path: Path, *, duplex: bool = False) -> AsyncIterator[Bench]:
    """Put one driver on the bench."""
    folder = tmp_path / "sheets"
    folder.mkdir()
    if driver == "simulated":
        yield SimulatedBench(folder, duplex=duplex)
        return
    async with played(tmp_path / "sane") as device:
        yield SaneBench(folder, device, duplex=duplex)


@pytest.fixture(params=["simulated", pytest.param("sane", marks=NEEDS_SANE)])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """Each test runs once for each driver."""
    async with bench_of(request.param, tmp_path) as one:
        yield one
        await one.scanner.close()


@pytest.fixture(params=["simulated", pytest.param("sane", marks=NEEDS_SANE)])
async def both_sides(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    """The same drivers, told to scan both sides of every leaf: two files are one leaf."""
    async with bench_of(request.param, tmp_path, duplex=True) as one:
        yield one
        await one.scanner.close()


async def pull_all(scanner: Scanner) -> list[Sheet]:
    """Pull until the stack is through."""
    return [sheet async for sheet in scanner.feed()]


async def pull_until_error(scanner: Scanner) -> tuple[list[Sheet], DeviceError]:
    """Pull until the feeder complains."""
    sheets: list[Sheet] = []
    with pytest.raises(DeviceError) as caught:
        await collect(scanner, sheets)
    return sheets, caught.value


async def collect(scanner: Scanner, sheets: list[Sheet]) -> None:
    """Put each sheet into the list as it comes, so that an error leaves the good ones there."""
    async for sheet in scanner.feed():
        sheets.append(sheet)  # noqa: PERF401  # a comprehension would lose them at an error


async def test_ok__a_stack_comes_through_in_order_and_size(bench: Bench) -> None:
    """Every sheet has the pixel size that was fed, in the order it was fed."""
    await bench.lay_in(*SIZES)
    sheets = await pull_all(bench.scanner)
    assert [pixels(s.image).shape[1::-1] for s in sheets] == list(SIZES)


async def test_ok__every_sheet_is_the_same_picture(bench: Bench) -> None:
    """The mean difference to the fed picture is below two of 255 steps."""
    paths = await bench.lay_in(*SIZES)
    sheets = await pull_all(bench.scanner)
    differences = [
        float(np.abs(pixels(s.image) - pixels(p)).mean())
        for s, p in zip(sheets, paths, strict=True)
    ]
    assert max(differences) < 2


async def test_ok__numbers_count_from_one_in_every_feed(bench: Bench) -> None:
    """The second stack's first sheet has the number 1 again."""
    await bench.lay_in(*SIZES[:2])
    first = [s.number for s in await pull_all(bench.scanner)]
    await bench.lay_in(SIZES[2])
    assert (first, [s.number for s in await pull_all(bench.scanner)]) == ([1, 2], [1])


async def test_ok__a_sheet_says_its_media_type_and_resolution(bench: Bench) -> None:
    """A reader needs both before it unpacks anything."""
    await bench.lay_in(SIZES[0])
    (sheet,) = await pull_all(bench.scanner)
    assert (sheet.media_type, sheet.dpi) == ("image/jpeg", 300)


async def test_ok__a_laid_in_stack_is_seen(bench: Bench) -> None:
    """The state is LOADED before and EMPTY after."""
    await bench.lay_in(SIZES[0])
    before = await bench.scanner.state()
    await pull_all(bench.scanner)
    assert (before, await bench.scanner.state()) == (FeederState.LOADED, FeederState.EMPTY)


async def test_ok__it_is_busy_while_it_feeds(bench: Bench) -> None:
    """Between two sheets of a stack the state is FEEDING."""
    await bench.lay_in(*SIZES[:2])
    async with aclosing(bench.scanner.feed()) as sheets:  # type: ignore[type-var]
        await anext(sheets)
        assert await bench.scanner.state() is FeederState.FEEDING


async def test_fail__nobody_else_may_feed_at_the_same_time(bench: Bench) -> None:
    """A second feed is refused as busy, the first goes on."""
    await bench.lay_in(*SIZES[:2])
    async with aclosing(bench.scanner.feed()) as sheets:  # type: ignore[type-var]
        await anext(sheets)
        with pytest.raises(DeviceBusy):
            await anext(bench.scanner.feed())
        assert (await anext(sheets)).number == 2


async def test_ok__it_can_feed_again_after_the_caller_walked_away(bench: Bench) -> None:
    """Leaving the loop early lets the scanner go."""
    await bench.lay_in(*SIZES[:2])
    async with aclosing(bench.scanner.feed()) as sheets:  # type: ignore[type-var]
        await anext(sheets)
    await bench.lay_in(SIZES[2])
    assert pixels((await pull_all(bench.scanner))[-1].image).shape[1::-1] == SIZES[2]


async def test_fail__an_empty_feeder_says_so(bench: Bench) -> None:
    """No sheet at all is an error with its own cause, not an empty success."""
    sheets, error = await pull_until_error(bench.scanner)
    assert (sheets, error.cause, await bench.scanner.state()) == ([], "empty", FeederState.EMPTY)


@pytest.mark.parametrize(
    ("fault", "cause", "kind", "state"),
    [
        (Fault.JAM, "jammed", DeviceFault, FeederState.JAMMED),
        (Fault.MULTIPICK, "double_fed", DeviceFault, FeederState.DOUBLE_FED),
        (Fault.COVER, "cover_open", DeviceFault, FeederState.COVER_OPEN),
        (Fault.OFF, "absent", DeviceMissing, FeederState.ABSENT),
    ],
)
async def test_fail__a_fault_in_the_middle_keeps_the_good_sheets(
    bench: Bench, fault: Fault, cause: str, kind: type[DeviceError], state: FeederState
) -> None:
    """The sheets before the fault are yielded, then the fault is told and shown."""
    await bench.lay_in(*SIZES)
    bench.set_fault(fault, after=2)
    sheets, error = await pull_until_error(bench.scanner)
    assert (error.cause, type(error)) == (cause, kind)
    assert len(sheets) in _good_sheets(bench, fault, 2)
    assert await bench.scanner.state() is state


def _good_sheets(bench: Bench, fault: Fault, pulled: int) -> range:
    """Return how many sheets may have been handed on of those pulled before the fault.

    A network scanner that vanishes takes along what its backend had fetched and not handed on yet; the
    paper lies in the output tray, and the desk says from which sheet to lay it in again.
    """
    vanishes = fault in (Fault.OFF, Fault.DROP) and not bench.scanner.simulated
    return range(0 if vanishes else pulled, pulled + 1)


@pytest.mark.parametrize("fault", [Fault.JAM, Fault.MULTIPICK, Fault.COVER, Fault.OFF, Fault.DROP])
async def test_ok__a_second_feed_goes_on_with_the_rest(bench: Bench, fault: Fault) -> None:
    """After the remedy the remaining sheets come, none twice and none lost."""
    await bench.lay_in(*SIZES)
    bench.set_fault(fault, after=1)
    before, _ = await pull_until_error(bench.scanner)
    bench.set_fault(None)
    after = await pull_all(bench.scanner)
    assert len(before) in _good_sheets(bench, fault, 1)
    assert [pixels(s.image).shape[1::-1] for s in before] == list(SIZES[: len(before)])
    assert [pixels(s.image).shape[1::-1] for s in after] == list(SIZES[1:])


async def test_fail__a_busy_scanner_says_so(tmp_path: Path) -> None:
    """Busy is its own kind of error (the real backend retries for ten seconds first, so one driver)."""
    async with bench_of("simulated", tmp_path) as bench:
        await bench.lay_in(SIZES[0])
        bench.set_fault(Fault.BUSY)
        _, error = await pull_until_error(bench.scanner)
        assert (type(error), error.cause) == (DeviceBusy, "busy")


async def test_ok__a_double_feed_is_one_sheet_short(bench: Bench) -> None:
    """Two sheets slipping through together give one picture: only counting finds that."""
    await bench.lay_in(*SIZES)
    bench.set_fault(Fault.DOUBLE, after=1)
    sheets = await pull_all(bench.scanner)
    assert [pixels(s.image).shape[1::-1] for s in sheets] == [SIZES[0], SIZES[1], SIZES[3]]


async def test_ok__every_error_speaks_japanese_and_english(bench: Bench) -> None:
    """The screen shows whole sentences, without the driver's own words."""
    _, error = await pull_until_error(bench.scanner)
    assert error.ja.endswith("。")
    assert error.en.endswith(".")
    assert "sane" not in (error.ja + error.en).lower()


async def test_ok__closing_twice_is_the_same_as_once(bench: Bench) -> None:
    """A second close does nothing."""
    await bench.scanner.close()
    await bench.scanner.close()
    assert await bench.scanner.state() is FeederState.EMPTY


async def test_fail__a_sheet_whose_picture_never_came_is_counted(bench: Bench) -> None:
    """The scanner says how many sides it scanned; one more than we got is lost, and said to be."""
    await bench.lay_in(*SIZES)
    bench.set_fault(Fault.LOST, after=2)
    sheets, error = await pull_until_error(bench.scanner)
    assert (len(sheets), error.cause, error.undelivered) == (2, "io", 1)


async def test_ok__both_sides_come_in_pairs(both_sides: Bench) -> None:
    """A front, then its back; an odd last side has a white back."""
    await both_sides.lay_in(*SIZES[:3])
    sheets = await pull_all(both_sides.scanner)
    assert [sheet.side for sheet in sheets] == ["front", "back", "front", "back"]
    assert pixels(sheets[3].image).min() > 240


async def test_ok__a_leaf_that_stuck_between_its_sides_comes_again_whole(both_sides: Bench) -> None:
    """The person lays it back: front and back are fed, none of them alone."""
    await both_sides.lay_in(*SIZES)
    both_sides.set_fault(Fault.JAM, after=3)
    before, _ = await pull_until_error(both_sides.scanner)
    both_sides.set_fault(None)
    after = await pull_all(both_sides.scanner)
    assert [sheet.side for sheet in before] == ["front", "back", "front"]
    assert [pixels(s.image).shape[1::-1] for s in after] == list(SIZES[2:])


async def test_ok__two_leaves_as_one_show_a_front_and_the_others_back(both_sides: Bench) -> None:
    """What nobody notices while it happens: only counting and reading find it."""
    await both_sides.lay_in(*SIZES)
    both_sides.set_fault(Fault.DOUBLE)
    sheets = await pull_all(both_sides.scanner)
    assert [pixels(s.image).shape[1::-1] for s in sheets] == [SIZES[0], SIZES[3]]

"""The technician's self-test."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.porter.book import Book
from hardware.clock.simulated import SimulatedClock
from hardware.hotplug.simulated import SimulatedHotplug
from hardware.printer.cups import CupsPrinter
from hardware.printer.simulated import SimulatedPrinter
from hardware.protocols import Reading
from hardware.scanner import raster
from hardware.scanner.simulated import SimulatedScanner
from hardware.scanner.tray import Fault
from hardware.usb.gate import Memory
from hardware.usb.reasons import Reason, Verdict
from provisioning import selftest as verb
from provisioning.selftest import (
    NOT_BUILT,
    Result,
    as_line,
    main,
    timed,
    try_clock,
    try_hotplug,
    try_memory,
    try_printer,
    try_room,
    try_scanner,
    try_usb,
)
from provisioning.settings_text import Value, toml_text
from tests.support.pictures import write_sheets

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def bus_toml(folder: Path) -> Path:
    """Settings of a box whose scanner is simulated."""
    none = folder / "none"
    tls: dict[str, Value] = {"ca": none, "certificate": none, "key": none, "folder": none}
    path = folder / "bus.toml"
    sheets = folder / "sheets"
    desk: dict[str, Value] = {"folder": none, "keys": none, "bundle": none}
    desk |= {"scanner": "simulated", "sheets": sheets}
    text = toml_text(
        {
            "": {"device": "bus-07", "mail": folder / "mail"},
            "desk": desk,
            "uplink": {
                **tls,
                "bundle": none,
                "root": none,
                "hall_url": "wss://h:1/bus",
            },
            "call": {**tls, "switchboard_url": "wss://h:1/bus"},
        }
    )
    path.write_text(text, encoding="utf-8")
    return path


async def test_ok__a_scanner_is_looked_at_without_pulling(tmp_path: Path) -> None:
    """The stack stays where it is."""
    write_sheets(tmp_path, (30, 20))
    result = await try_scanner(SimulatedScanner(tmp_path), feed=False)
    assert (result.verdict, result.fact) == ("ok", "feeder loaded")


async def test_ok__with_feed_every_sheet_is_looked_at(tmp_path: Path) -> None:
    """Their sizes are in the line."""
    write_sheets(tmp_path, (30, 20), (20, 30))
    result = await try_scanner(SimulatedScanner(tmp_path), feed=True)
    assert (result.verdict, result.fact) == ("ok", "2 sheets: 30x20, 20x30")


@pytest.mark.parametrize(
    ("fault", "feed", "verdict"),
    [
        (Fault.OFF, False, "fail"),
        (Fault.JAM, False, "warn"),
        (Fault.COVER, False, "warn"),
        (Fault.JAM, True, "fail"),
        (None, True, "fail"),
    ],
)
async def test_fail__a_scanner_with_a_fault_says_what_to_do(
    tmp_path: Path,
    fault: Fault | None,
    feed: bool,  # noqa: FBT001  # it comes from the table
    verdict: str,
) -> None:
    """The last one is an empty feeder that was asked to feed."""
    scanner = SimulatedScanner(tmp_path)
    scanner.set_fault(fault)
    result = await try_scanner(scanner, feed=feed)
    assert result.verdict == verdict
    assert result.remedy


async def test_ok__a_printer_is_asked_and_nothing_is_printed(tmp_path: Path) -> None:
    """Ready, with a trouble to mend, and not there at all; without one the line says how receipts come."""
    told = [(await try_printer(SimulatedPrinter(tmp_path))).verdict]
    (tmp_path / "state").write_text("no_paper")
    told.append((await try_printer(SimulatedPrinter(tmp_path))).verdict)
    told.append((await try_printer(CupsPrinter("none", socket=tmp_path / "none"))).verdict)
    told.append((await try_printer(None)).verdict)
    assert told == ["ok", "warn", "fail", "none"]


def test_ok__a_synced_clock_is_good() -> None:
    """With its doubt."""
    assert try_clock(SimulatedClock(NOW)) == Result("clock", "ok", "synced, within 1 s")


@pytest.mark.parametrize(("quality", "doubt"), [("unsynced", 1), ("holdover", 61)])
def test_ok__a_doubtful_clock_is_a_warning(quality: str, doubt: int) -> None:
    """Filing times would be vague."""
    clock = SimulatedClock(NOW)
    clock.quality, clock.uncertainty_s = quality, doubt
    assert try_clock(clock).verdict == "warn"


def test_fail__a_clock_that_goes_back() -> None:
    """Time since boot never may."""

    class Backwards(SimulatedClock):
        """Loses its monotonic time at every look."""

        def now(self) -> Reading:
            """Read it."""
            self.reboot()
            self._monotonic_ms = 100 - self._boot
            return super().now()

    assert try_clock(Backwards(NOW)).verdict == "fail"


def test_ok__the_hotplug_list_is_counted() -> None:
    """None is a number too."""
    assert try_hotplug(SimulatedHotplug()).fact == "0 devices known"


def test_ok__what_the_porter_refuses_is_told(tmp_path: Path) -> None:
    """A porter that runs has a book; what stands in it is a warning with its sentence."""
    assert try_usb(tmp_path).remedy == "on a bus, start madobus-porter"
    Book(tmp_path).keep(Memory(), [])
    assert try_usb(tmp_path).verdict == "ok"
    Book(tmp_path).keep(Memory(), [Verdict("1-3", Reason.LATE_KEYS)])
    told = try_usb(tmp_path)
    assert (told.verdict, told.fact[:14]) == ("warn", "1-3 late_keys:")


def test_ok__room_is_measured_where_the_shelf_will_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also before the folder exists."""
    monkeypatch.setattr(verb, "FREE_BYTES", 1)
    enough = try_room(tmp_path / "not" / "yet").verdict
    monkeypatch.setattr(verb, "FREE_BYTES", 10**18)
    assert (enough, try_room(tmp_path).verdict) == ("ok", "fail")


def test_fail__no_memory_for_a_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told with the remedy."""
    monkeypatch.setattr(raster, "SCRATCH_FOLDERS", (tmp_path / "none",))
    assert try_memory().remedy == "enlarge /dev/shm"


async def test_fail__a_test_that_breaks_is_a_failed_line() -> None:
    """And the others go on."""

    def broken() -> Result:
        raise RuntimeError("boom")

    result = await timed("thing", broken)
    assert (result.device, result.verdict, result.fact) == ("thing", "fail", "RuntimeError: boom")


def test_ok__a_line_has_verdict_time_fact_and_remedy() -> None:
    """In this order."""
    line = as_line(Result("clock", "warn", "unsynced", "wait", 0.5))
    assert line == "warn    0.50 s  clock: unsynced -> wait"


def test_ok__the_verb_tests_every_device_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has no driver yet says so instead of being left out."""
    monkeypatch.setattr(verb, "FREE_BYTES", 1)
    write_sheets(tmp_path / "sheets", (30, 20))
    code = main(["--config", str(bus_toml(tmp_path)), "--feed", "--json"])
    results = json.loads(capsys.readouterr().out)["results"]
    verdicts = {result["device"]: result["verdict"] for result in results}
    assert code == 0
    assert verdicts["simulated"] == "ok"
    none = {device for device, verdict in verdicts.items() if verdict == "none"}
    assert none == {*NOT_BUILT, "printer"}


def test_fail__the_verb_ends_with_one_when_anything_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Here the disk."""
    monkeypatch.setattr(verb, "FREE_BYTES", 10**18)
    (tmp_path / "sheets").mkdir()
    assert main(["--config", str(bus_toml(tmp_path))]) == 1
    assert "fail" in capsys.readouterr().out


def test_fail__settings_that_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ends with two and a sentence."""
    assert main(["--config", str(tmp_path / "none.toml")]) == 2
    assert "cannot be used" in capsys.readouterr().err

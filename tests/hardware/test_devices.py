"""The other simulated devices: camera, modem, receiver, supply, printer, and what they say when gone."""

from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from hardware.camera.simulated import SimulatedCamera
from hardware.catalogue import (
    DRIVERS,
    open_camera,
    open_hotplug,
    open_location,
    open_modem,
    open_power,
    open_printer,
    open_scanner,
)
from hardware.errors import DeviceFault, DeviceMissing
from hardware.location.simulated import SimulatedLocation
from hardware.modem.simulated import AT_HOME, IN_TUNNEL, SimulatedModem
from hardware.power.simulated import SimulatedPower
from hardware.protocols import Fix, PowerFacts
from hardware.scanner.faults import feeder_error
from tests.support.pictures import pixels, write_sheets


class Named(Protocol):
    """Whatever says its name."""

    @property
    def name(self) -> str:
        """Say which driver and which device."""


async def test_ok__a_camera_shows_its_pictures_in_turn(tmp_path: Path) -> None:
    """After the last one comes the first."""
    write_sheets(tmp_path, (40, 30), (30, 40))
    camera = SimulatedCamera(tmp_path)
    sizes = [pixels((await camera.still()).image).shape[1::-1] for _ in range(3)]
    assert sizes == [(40, 30), (30, 40), (40, 30)]


async def test_fail__an_unplugged_camera_is_missing(tmp_path: Path) -> None:
    """And there again when it is plugged in."""
    write_sheets(tmp_path, (40, 30))
    camera = SimulatedCamera(tmp_path)
    camera.plugged = False
    with pytest.raises(DeviceMissing):
        await camera.still()
    camera.plugged = True
    assert (await camera.still()).width == 40


async def test_fail__a_camera_without_a_picture_has_a_fault(tmp_path: Path) -> None:
    """An empty folder and a broken file are the same to the person."""
    with pytest.raises(DeviceFault):
        await SimulatedCamera(tmp_path).still()
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(DeviceFault):
        await SimulatedCamera(tmp_path).still()


async def test_ok__a_modem_tells_each_change_of_its_script() -> None:
    """Home, tunnel, home again."""
    modem = SimulatedModem([AT_HOME, IN_TUNNEL, AT_HOME])
    seen = []
    async with aclosing(modem.changes()) as changes:  # type: ignore[type-var]
        for _ in range(3):
            seen.append(await anext(changes))
            modem.step()
    assert seen == [AT_HOME, IN_TUNNEL, AT_HOME]


async def test_ok__the_same_facts_are_no_news() -> None:
    """A watcher hears differences only."""
    modem = SimulatedModem([AT_HOME, AT_HOME, IN_TUNNEL])
    async with aclosing(modem.changes()) as changes:  # type: ignore[type-var]
        await anext(changes)
        modem.step()
        modem.step()
        assert await anext(changes) == IN_TUNNEL


async def test_ok__an_unplugged_modem_ends_its_watchers() -> None:
    """The iteration ends, and asking raises."""
    modem = SimulatedModem()
    modem.unplug()
    assert [facts async for facts in modem.changes()] == []
    with pytest.raises(DeviceMissing):
        await modem.facts()


async def test_ok__a_modem_counts_its_bounces() -> None:
    """A test can see that the remedy was tried."""
    modem = SimulatedModem()
    await modem.bounce()
    assert (modem.bounces, await modem.facts()) == (1, AT_HOME)
    await modem.close()


def test_fail__a_modem_needs_a_script() -> None:
    """Nothing to show is a mistake of ours."""
    with pytest.raises(ValueError, match="one fact"):
        SimulatedModem([])


async def test_ok__a_slow_watcher_gets_the_newest() -> None:
    """Who is too far behind is not told every old thing."""
    power = SimulatedPower()
    async with aclosing(power.changes()) as changes:  # type: ignore[type-var]
        await anext(changes)
        for charge in range(200):
            power.set(PowerFacts("battery", charge, ignition=False))
        seen = [await anext(changes)]
        while seen[-1].charge_percent != 199:
            seen.append(await anext(changes))
    assert len(seen) < 100


async def test_ok__a_receiver_gives_its_place_or_none() -> None:
    """No sky is None; silence is an error."""
    receiver = SimulatedLocation()
    no_sky = await receiver.fix()
    receiver.place = Fix(39.7, 141.15, 8.0, datetime(2026, 11, 24, tzinfo=UTC))
    assert (no_sky, await receiver.fix()) == (None, receiver.place)
    receiver.silent = True
    with pytest.raises(DeviceMissing):
        await receiver.fix()
    await receiver.close()


async def test_ok__a_supply_tells_that_the_key_was_turned() -> None:
    """Mains first, then the battery."""
    power = SimulatedPower()
    power.set(PowerFacts("battery", 80, ignition=False))
    assert (await power.facts()).ignition is False


def test_ok__the_catalogue_opens_every_simulated_driver(tmp_path: Path) -> None:
    """By name, with the options of its constructor; each says what it is."""
    opened: list[Named] = [
        open_scanner("simulated", folder=tmp_path),
        open_scanner("sane", device="test:0"),
        open_camera("simulated", folder=tmp_path),
        open_modem("simulated"),
        open_location("simulated"),
        open_power("simulated"),
        open_printer("simulated", folder=tmp_path),
        open_printer("cups", queue="receipt"),
    ]
    names = [device.name for device in opened]
    assert names == ["simulated", "sane test:0", *["simulated"] * 5, "cups receipt"]
    assert open_hotplug("simulated").present() == ()


def test_fail__the_catalogue_names_the_drivers_it_has() -> None:
    """A typing mistake in the settings is answered with the list."""
    with pytest.raises(ValueError, match=r"\['sane', 'simulated'\]"):
        open_scanner("twain")


def test_ok__no_two_capabilities_share_a_driver() -> None:
    """Each module is listed once."""
    places = [place for drivers in DRIVERS.values() for place in drivers.values()]
    assert len(places) == len(set(places))


def test_ok__an_error_tells_place_fact_and_remedy() -> None:
    """In that order, with the driver's own word in brackets."""
    error = feeder_error("sane x", "jammed", "status 6")
    assert str(error) == (
        "sane x: a sheet is jammed (status 6); "
        "take the jammed sheet out, put it back on the stack and start again"
    )

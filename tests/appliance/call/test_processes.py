"""The two real processes of the call, from their settings files to a clean end."""

import asyncio
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from provisioning.settings_text import Value, toml_text
from tests.support.house_process import Running, running
from tests.support.tls import Pem, TlsCity

OFFICE = "http://office"  # a Unix socket has no host; the name is only for the eye
Sections = dict[str, Mapping[str, Value]]


def tls(pem: Pem) -> dict[str, Value]:
    """The two settings of an identity."""
    return {"certificate": pem.certificate, "key": pem.key}


def hall_settings(folder: Path, city: TlsCity) -> Path:
    """Write hall.toml; the other two processes' sections name files nobody reads here."""
    none = folder / "none"
    server = tls(city.server())
    sections: Sections = {
        "": {"mail": folder / "mail"},
        "intake": {
            **server,
            "folder": none,
            "client_ca": city.ca,
            "countersigner": none,
            "bundle": none,
        },
        "office": {"folder": none, "division_keys": none, "signer": none, "bundle": none},
        "switchboard": {
            **server,
            "folder": folder / "switchboard",
            "client_ca": city.ca,
            "port": 0,
            "office_socket": folder / "o.sock",
        },
    }
    path = folder / "hall.toml"
    path.write_text(toml_text(sections), encoding="utf-8")
    return path


def bus_settings(folder: Path, city: TlsCity, port: int) -> Path:
    """Write bus.toml for a box that calls that port."""
    none = folder / "none"
    box = {**tls(city.box("bus-07")), "ca": city.ca}
    sections: Sections = {
        "": {"device": "bus-07", "mail": folder / "mail"},
        "desk": {"folder": none, "keys": none, "bundle": none},
        "uplink": {
            **box,
            "folder": none,
            "bundle": none,
            "root": none,
            "hall_url": "wss://127.0.0.1:1/bus",
        },
        "call": {
            **box,
            "folder": none,
            "switchboard_url": f"wss://127.0.0.1:{port}/bus",
            "health_port": 0,
        },
    }
    path = folder / "bus.toml"
    path.write_text(toml_text(sections), encoding="utf-8")
    return path


def port_of(hall: Running) -> int:
    """The port in a ready line."""
    return int(hall.facts["address"].rpartition(":")[2])


async def test_ok__ring_answer_and_hang_up_between_two_processes(tmp_path: Path) -> None:
    """The bus rings over TLS, the office's side answers at its socket, and both end cleanly."""
    city = TlsCity(tmp_path / "tls")
    hall_toml = hall_settings(tmp_path, city)
    async with running("cityhall.switchboard", ["--config", str(hall_toml)]) as hall:
        bus_toml = bus_settings(tmp_path, city, port_of(hall))
        async with running("appliance.call", ["--config", str(bus_toml)]) as bus:
            office = aiohttp.ClientSession(connector=aiohttp.UnixConnector(hall.facts["office"]))
            desk = aiohttp.ClientSession(bus.facts["address"])
            async with office, desk:
                await eventually(desk, "/state.json", lambda told: told["reachable"])
                async with desk.post("/ring") as answer:
                    call_id = (await answer.json())["call"]["call_id"]
                await eventually(office, f"{OFFICE}/calls.json", lambda told: told["calls"])
                async with office.post(f"{OFFICE}/calls/{call_id}/answer", json={}) as answer:
                    assert answer.status == 200
                await eventually(desk, "/state.json", lambda told: state_of(told) == "talking")
                async with desk.post("/hang-up") as answer:
                    assert (await answer.json())["call"]["outcome"] == "hung_up"
            assert await bus.stop() == 0
        assert await hall.stop() == 0
    assert not present(hall.facts["office"])


def present(place: str) -> bool:
    """Whether a file is there."""
    return Path(place).exists()


def state_of(told: dict[str, Any]) -> str:
    """How the bus says its call stands."""
    return str(told["call"]["state"])


async def eventually(
    session: aiohttp.ClientSession, path: str, condition: Callable[[dict[str, Any]], object]
) -> None:
    """Ask until the answer is as it should be, with a deadline."""
    async with asyncio.timeout(60):
        while True:
            async with session.get(path) as answer:
                if condition(json.loads(await answer.text())):
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("module", ["cityhall.switchboard", "appliance.call"])
async def test_fail__a_wrong_setting_ends_the_start_with_a_word(
    tmp_path: Path, module: str
) -> None:
    """No ready line, and not a zero."""
    settings = tmp_path / "wrong.toml"
    settings.write_text('device = "Bus 7"\n', encoding="utf-8")
    with pytest.raises(AssertionError):
        async with running(module, ["--config", str(settings)]):
            pass

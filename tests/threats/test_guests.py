"""Passengers on the bus's network (T4): they scan the box from every side, and find nothing that is not named.

Real namespaces, the shipped rules, a scanner that sees every frame, and programs in the box that listen to everybody.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.bus_networks import (
    BOX,
    GUESTS_COUNTER,
    HALL,
    HALL_PORT,
    MISSING,
    OTHER_USER,
    STRANGER,
    UNITS,
    UPLINK_USER,
    BusNetworks,
    bus_networks,
    until_counted,
)

CARELESS = (22, 53, 80, 111, 443, 631, 1900, 5353, 5355, 8401, 8402, 8403, 8443, 49_152, 65_535)
EVERY_PORT = 65_535
SOME_PORTS = 1_024
EVERYWHERE = {one: SOME_PORTS for both in BOX.values() for one in both}
CONNECT = """
import encodings.idna, os, socket, sys
os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1]))
try:
    socket.create_connection((sys.argv[2], int(sys.argv[3])), 20).close()
    print("reached")
except OSError as error:
    print(type(error).__name__)
"""


@contextmanager
def careless(networks: BusNetworks, side: str, ports: tuple[int, ...]) -> Iterator[list[str]]:
    """Programs of that side listen to everybody; what they met is in the list after the block."""
    met: list[str] = []
    with networks.start(side, "careless", *map(str, ports)) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield met
        finally:
            process.kill()
            met += process.stdout.read().splitlines()


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusNetworks]:
    """A box as it is installed."""
    with bus_networks() as found:
        if found is None:
            pytest.skip(MISSING)
        found.protect(tmp_path_factory.mktemp("rules"))
        yield found


@pytest.fixture
def open_box() -> Iterator[BusNetworks]:
    """The same box without any of our rules."""
    with bus_networks() as found:
        if found is None:
            pytest.skip(MISSING)
        yield found


def scan(
    networks: BusNetworks, side: str, more: Mapping[str, int], counter: tuple[str, str, str] | None
) -> dict[str, Any]:
    """Scan the box from one side: every TCP port of its address there, `more` addresses, and what asks everybody.

    With a counter of the rules, waits until it has seen what was sent.
    """
    own = {BOX[side][0]: EVERY_PORT, BOX[side][1]: SOME_PORTS}
    inner = "guests" if counter == GUESTS_COUNTER else "box"
    facts = {
        "interface": "eth0",
        "me": networks.card(side, "eth0"),
        "box": networks.card(inner, f"{side}0"),
        "source4": STRANGER[side][0],
        "source6": STRANGER[side][1],
        "targets": {**more, **own},
    }
    before = networks.counted(inner, *counter) if counter else 0
    with networks.start(side, "passenger", json.dumps(facts)) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        sent = json.loads(process.stdout.readline())["sent"]
        if counter == GUESTS_COUNTER:
            until_counted(networks, inner, [counter], before + sent)
        elif counter:
            until_counted(networks, inner, [counter], before + EVERY_PORT)
        process.stdin.close()
        told = json.loads(process.stdout.readline())
    return {"sent": sent, **told}


def test_the_scan_finds_every_port_of_an_open_box(open_box: BusNetworks) -> None:
    """Without our rules: what is seen then is what is missed afterwards."""
    with careless(open_box, "box", CARELESS) as met:
        found = scan(open_box, "guest", {}, None)
    assert found["open"] == sorted(CARELESS)
    assert found["closed"] > EVERY_PORT - len(CARELESS) - 1
    assert met


def test_guests_hear_not_one_frame_from_the_box(box: BusNetworks) -> None:
    """Every port, every address the box has anywhere, every question to everybody: no answer, not even to ARP."""
    with careless(box, "box", CARELESS) as met, careless(box, "guests", CARELESS) as near:
        found = scan(box, "guest", {**EVERYWHERE, "127.0.0.1": SOME_PORTS}, GUESTS_COUNTER)
    assert found["sent"] > EVERY_PORT
    assert (found["frames"], found["open"], met, near) == (0, [], [], [])


@pytest.mark.parametrize("side", ["staff", "up"])
def test_no_port_answers_on_the_staffs_side_or_on_the_way_out(box: BusNetworks, side: str) -> None:
    """Neither open nor refused; nor by the addresses of the other sides, nor through the box to city hall."""
    counter = ("inet", "madobus", "refused_staff" if side == "staff" else "refused_uplink")
    beyond = {"127.0.0.1": SOME_PORTS, HALL: SOME_PORTS} if side == "staff" else {}
    with careless(box, "box", CARELESS) as met, careless(box, "up", (HALL_PORT,)) as hall:
        found = scan(box, side, {**EVERYWHERE, **beyond}, counter)
    assert (found["open"], found["closed"], met, hall) == ([], 0, [], [])


def test_a_port_that_is_named_for_the_staff_is_the_only_one(
    open_box: BusNetworks, tmp_path: Path
) -> None:
    """One line of the city's file opens one port, for the staff's network alone."""
    open_box.protect(tmp_path, {"staff_ports": "8443"})
    with careless(open_box, "box", CARELESS):
        staff = scan(open_box, "staff", {}, None)
        outside = scan(open_box, "up", {}, None)
    assert (staff["open"], staff["closed"]) == ([8443], 0)
    assert (outside["open"], outside["closed"]) == ([], 0)


def reach(networks: BusNetworks, user: int, address: str, port: int) -> str:
    """Let a user of the box try to connect."""
    return networks.inside(
        "box", sys.executable, "-I", "-c", CONNECT, str(user), address, str(port)
    ).strip()


def test_the_box_speaks_to_city_hall_only_and_only_who_must(box: BusNetworks) -> None:
    """Another user, another port, another address: refused at once, and nobody outside sees a packet."""
    with careless(box, "up", (HALL_PORT, 9999)) as met:
        assert reach(box, UPLINK_USER, HALL, HALL_PORT) == "reached"
        tries = [
            (OTHER_USER, HALL, HALL_PORT),
            (0, HALL, HALL_PORT),
            (UPLINK_USER, HALL, 9999),
            (UPLINK_USER, STRANGER["up"][0], HALL_PORT),
            (UPLINK_USER, STRANGER["up"][1], HALL_PORT),
            (UPLINK_USER, STRANGER["staff"][0], HALL_PORT),
            (UPLINK_USER, STRANGER["guest"][0], HALL_PORT),
        ]
        assert {reach(box, *one) for one in tries} <= {
            "PermissionError",
            "OSError",
            "ConnectionRefusedError",
        }
    assert [line.split()[:2] for line in met] == [["tcp", str(HALL_PORT)]]


def lie(networks: BusNetworks) -> int:
    """Let the neighbour on the way out tell false routes; returns how many frames that were."""
    facts = {
        "interface": "eth0",
        "me": networks.card("up", "eth0"),
        "box": networks.card("box", "up0"),
        "box4": BOX["up"][0],
        "box6": BOX["up"][1],
        "router4": HALL,
    }
    with networks.start("up", "liar", json.dumps(facts)) as process:
        told, _ = process.communicate(timeout=60)
    return int(json.loads(told)["sent"])


def test_false_routers_and_redirects_move_no_route(box: BusNetworks) -> None:
    """Router advertisements, redirects of both versions, names that are shouted: routes and addresses stay."""
    before = box.routes()
    counters = [("inet", "madobus", f"refused_{name}") for name in ("uplink", "invalid")]
    seen = sum(box.counted("box", *one) for one in counters)
    sent = lie(box)
    until_counted(box, "box", counters, seen + sent)
    assert box.routes() == before


def test_the_same_lies_move_the_routes_of_an_open_box(open_box: BusNetworks) -> None:
    """Without our rules the box believes them: the lies are good ones."""
    before = open_box.routes()
    lie(open_box)
    assert open_box.routes() != before


def test_the_rules_may_be_loaded_twice(open_box: BusNetworks, tmp_path: Path) -> None:
    """A reload changes nothing and leaves nothing open: each file replaces its own table."""
    open_box.protect(tmp_path)
    first = open_box.inside("box", "nft", "-s", "list", "ruleset")
    again = ["nft", "-I", str(tmp_path), "-f", "systemd/madobus-bus.nft"]
    open_box.inside("box", *again)
    assert open_box.inside("box", "nft", "-s", "list", "ruleset") == first
    assert first.count("policy drop") == 3


def test_the_shipped_city_file_is_one_the_rules_take(open_box: BusNetworks, tmp_path: Path) -> None:
    """Also with every line in it that waits behind a comment; users of the installed system are numbers here."""
    shipped = (UNITS / "madobus-network.nft").read_text(encoding="utf-8")
    for user in ("madobus-uplink", "madobus-call", "madobus-desk", "systemd-resolve", "_chrony"):
        assert f'"{user}"' in shipped
        shipped = shipped.replace(f'"{user}"', str(UPLINK_USER))
    (tmp_path / "madobus").mkdir()
    city = tmp_path / "madobus" / "network.nft"
    for text in (shipped, shipped.replace("# add element", "add element")):
        city.write_text(text, encoding="utf-8")
        open_box.inside("box", "nft", "-I", str(tmp_path), "-f", "systemd/madobus-bus.nft")
    assert "203.0.113" not in shipped


def test_a_wrong_city_file_opens_nothing(open_box: BusNetworks, tmp_path: Path) -> None:
    """Rules that cannot be read whole are not taken; those that stand go on."""
    open_box.protect(tmp_path)
    (tmp_path / "madobus" / "network.nft").write_text("add element inet madobus nowhere { 1 }\n")
    with pytest.raises(subprocess.CalledProcessError):
        open_box.inside("box", "nft", "-I", str(tmp_path), "-f", "systemd/madobus-bus.nft")
    assert open_box.inside("box", "nft", "list", "ruleset").count("policy drop") == 3

"""The networks of a bus as namespaces: the box, its passengers, its staff, and the world outside.

The box's rules are the shipped files; where they name a place or a user of the installed system, the test's own
stands there. The passengers' interface is shut away by the very lines of its unit.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.tree import ROOT

UNITS = ROOT / "systemd"
MISSING = "the networks of a bus need root, iproute2 and nftables (Debian package nftables)"
PATIENCE_S = 60.0
UPLINK_USER, OTHER_USER = 61_001, 61_002
HALL_PORT = 8443
# Where each side's box and stranger are.
BOX = {
    "guest": ("10.7.3.1", "fd00:7:3::1"),
    "staff": ("10.7.1.1", "fd00:7:1::1"),
    "up": ("203.0.113.2", "fd00:7:2::2"),
}
STRANGER = {
    "guest": ("10.7.3.66", "fd00:7:3::66"),
    "staff": ("10.7.1.66", "fd00:7:1::66"),
    "up": ("203.0.113.66", "fd00:7:2::66"),
}
HALL = "203.0.113.10"
Counter = tuple[str, str, str]
"""Family, table and name of a counter of the rules."""
GUESTS_COUNTER: Counter = ("netdev", "madobus_guests", "heard")


def run(*words: str) -> str:
    """Run a program, return what it says; raises CalledProcessError."""
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return done.stdout


@dataclass(frozen=True, slots=True)
class BusNetworks:
    """The names of the namespaces: box, its inner one for guests, and one for whoever is at each interface."""

    tag: str

    def name(self, side: str) -> str:
        """The namespace called "box", "guests", "guest", "staff" or "up"."""
        return f"mb-{side}-{self.tag}"

    def build(self) -> None:
        """Make the box with an interface to each side, addresses on both ends, everything up and nothing filtered."""
        run("ip", "netns", "add", self.name("box"))
        run("ip", "-n", self.name("box"), "link", "set", "lo", "up")
        for side, own in BOX.items():
            run("ip", "netns", "add", self.name(side))
            run("ip", "link", "add", f"{side}0", "netns", self.name("box"), "type", "veth",
                "peer", "name", "eth0", "netns", self.name(side))  # fmt: skip
            self._addresses(self.name("box"), f"{side}0", own)
            self._addresses(self.name(side), "eth0", STRANGER[side])
        run("ip", "-n", self.name("up"), "addr", "add", f"{HALL}/24", "dev", "eth0")
        run("ip", "-n", self.name("box"), "route", "add", "default", "via", HALL)

    def protect(self, folder: Path, elements: Mapping[str, str] | None = None) -> None:
        """Give the box what the installed system has: what the kernel believes, the firewall, guests apart."""
        self.inside("box", "sysctl", "-q", "-p", str(UNITS / "90-madobus-network.conf"))
        for side in BOX:
            # What is set for all interfaces to come holds for these, too.
            for word in ("accept_ra", "accept_redirects"):
                self.inside("box", "sysctl", "-q", "-w", f"net.ipv6.conf.{side}0.{word}=0")
        wanted = {
            "uplink": '"up0"',
            "staff": '"staff0"',
            "hall4": f"{HALL} . {HALL_PORT}",
            "to_hall": str(UPLINK_USER),
            **(elements or {}),
        }
        lines = [f"add element inet madobus {name} {{ {one} }}\n" for name, one in wanted.items()]
        (folder / "madobus").mkdir()
        (folder / "madobus" / "network.nft").write_text("".join(lines), encoding="utf-8")
        self.inside("box", "nft", "-I", str(folder), "-f", str(UNITS / "madobus-bus.nft"))
        self._shut_guests_away()

    def _shut_guests_away(self) -> None:
        """Run the unit's lines in the box, in the test's own namespace in place of `guests`."""
        unit = (UNITS / "madobus-guests.service").read_text(encoding="utf-8")
        for line in re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE):
            words = line.replace("/etc/madobus/guests.nft", str(UNITS / "madobus-guests.nft"))
            there = [self.name("guests") if one == "guests" else one for one in words.split()]
            self.inside("box", *there) if "link" in there else run(*there)

    def inside(self, side: str, *words: str) -> str:
        """Run a program in a namespace."""
        return run("ip", "netns", "exec", self.name(side), *words)

    def start(self, side: str, module: str, *words: str) -> subprocess.Popen[str]:
        """Start a module of tests/support in a namespace and read its first line away."""
        command = [sys.executable, "-m", f"tests.support.{module}", *words]
        return subprocess.Popen(
            ["ip", "netns", "exec", self.name(side), *command],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def card(self, side: str, interface: str) -> str:
        """The hardware address of an interface."""
        return str(
            json.loads(self.inside(side, "ip", "-j", "link", "show", interface))[0]["address"]
        )

    def counted(self, side: str, family: str, table: str, counter: str) -> int:
        """How many packets a counter of the rules has seen."""
        told = json.loads(self.inside(side, "nft", "-j", "list", "counter", family, table, counter))
        return next(int(one["counter"]["packets"]) for one in told["nftables"] if "counter" in one)

    def routes(self) -> tuple[str, ...]:
        """Every route and address of the box, and whose card it takes for the hall's."""
        words = (["-4", "route", "show", "table", "all"], ["-6", "route", "show", "table", "all"])
        shown = [self.inside("box", "ip", *one) for one in (*words, ["-o", "addr", "show"])]
        # Addresses tell how long they last; only those that somebody gave have an end.
        return tuple(sorted(line for text in shown for line in text.splitlines()))

    def take_away(self) -> None:
        """Remove all; the lines between them go with them."""
        for side in ("box", "guests", *BOX):
            subprocess.run(
                ["ip", "netns", "del", self.name(side)], check=False, capture_output=True
            )

    @staticmethod
    def _addresses(name: str, interface: str, both: tuple[str, str]) -> None:
        run("ip", "-n", name, "addr", "add", f"{both[0]}/24", "dev", interface)
        run("ip", "-n", name, "addr", "add", f"{both[1]}/64", "dev", interface, "nodad")
        run("ip", "-n", name, "link", "set", interface, "up")


@contextmanager
def bus_networks() -> Iterator[BusNetworks | None]:
    """Give the networks for a block, or None where there can be none."""
    found = BusNetworks(secrets.token_hex(3))
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nft", "sysctl"))):
        yield None
        return
    try:
        try:
            found.build()
        except subprocess.CalledProcessError:
            yield None
            return
        yield found
    finally:
        found.take_away()


def until_counted(
    networks: BusNetworks, side: str, counters: Sequence[Counter], least: int
) -> None:
    """Wait until the rules have counted so many packets: all of them have arrived then."""
    ends = time.monotonic() + PATIENCE_S
    while sum(networks.counted(side, *one) for one in counters) < least:
        if time.monotonic() > ends:
            raise TimeoutError(f"{counters} have not seen {least} packets")
        time.sleep(0.05)

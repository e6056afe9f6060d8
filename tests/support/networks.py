"""Two network namespaces and a line between them: a bus and a city hall that the same kernel keeps apart."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

HALL_ADDRESS = "10.77.0.1"
BUS_ADDRESS = "10.77.0.2"
OTHER_ADDRESS = "10.77.0.3"
MISSING = "two networks need root, iproute2 and the right to make namespaces"


def _ip(*words: str) -> bool:
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


@dataclass(frozen=True, slots=True)
class TwoNetworks:
    """The names of both namespaces; the interface is called like its namespace."""

    bus: str
    hall: str

    def make(self) -> bool:
        """Make both, and the line; False where that is not allowed."""
        return (
            all(_ip("ip", "netns", "add", one) for one in (self.bus, self.hall))
            and _ip("ip", "link", "add", self.bus, "netns", self.bus, "type", "veth",
                    "peer", "name", self.hall, "netns", self.hall)
            and self._address("add", self.hall, HALL_ADDRESS)
            and self._address("add", self.bus, BUS_ADDRESS)
            and all(_ip("ip", "-n", one, "link", "set", name, "up")
                    for one in (self.bus, self.hall) for name in ("lo", one))
        )  # fmt: skip

    def take_away(self) -> None:
        """Remove both; the line goes with them."""
        for one in (self.bus, self.hall):
            _ip("ip", "netns", "del", one)

    def slow(self, rate: str = "256kbit") -> bool:
        """Let the line pass so many bits a second."""
        return self._bucket("rate", rate, "burst", "4kb", "latency", "400ms")

    def silence(self) -> bool:
        """Let nothing pass, and tell nobody: every packet is larger than the bucket."""
        return self._bucket("rate", "8bit", "burst", "10b", "limit", "10b")

    def _bucket(self, *words: str) -> bool:
        """Set tc-tbf(8) on both ends."""
        return all(
            _ip("tc", "-n", one, "qdisc", "replace", "dev", one, "root", "tbf", *words)
            for one in (self.bus, self.hall)
        )

    def change_address(self) -> None:
        """Give the bus another address, as a modem that came back does."""
        self._address("del", self.bus, BUS_ADDRESS)
        self._address("add", self.bus, OTHER_ADDRESS)

    def modem(self, state: str) -> None:
        """Set the bus's interface "up" or "down"."""
        _ip("ip", "-n", self.bus, "link", "set", self.bus, state)

    @staticmethod
    def _address(verb: str, name: str, address: str) -> bool:
        return _ip("ip", "-n", name, "addr", verb, f"{address}/24", "dev", name)


@contextmanager
def two_networks() -> Iterator[TwoNetworks | None]:
    """Give two networks for a block, or None where there can be none."""
    tag = secrets.token_hex(3)
    found = TwoNetworks(f"mb-bus-{tag}", f"mb-hall-{tag}")
    if os.geteuid() != 0 or shutil.which("ip") is None or shutil.which("tc") is None:
        yield None
        return
    try:
        yield found if found.make() and found.slow() else None
    finally:
        found.take_away()

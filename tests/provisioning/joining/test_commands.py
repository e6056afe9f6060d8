"""`madobus provision offer` at the depot and `madobus provision join` on the box, as people start them."""

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from appliance.config import read_settings
from provisioning.city import City
from tests.support.depot_world import DEADLINE_S

WORDS = re.compile(r"^ {4}\S+・\S+・\S+ \([a-z]+ [a-z]+ [a-z]+\)$", re.MULTILINE)


@contextmanager
def command(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """Start a command without a terminal of its own, so that a PIN is read from the pipe."""
    started = [sys.executable, "-m", "provisioning", "provision", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        started, stdin=pipe, stdout=pipe, stderr=pipe, text=True, start_new_session=True
    ) as one:
        try:
            yield one
        finally:
            one.kill()


def heard(one: "subprocess.Popen[str]", pattern: "re.Pattern[str]") -> str:
    """Read what it says until a line fits."""
    assert one.stdout is not None
    for line in one.stdout:
        if found := pattern.search(line.rstrip("\n")):
            return found[0]
    raise AssertionError(one.stderr and one.stderr.read())


def say(one: "subprocess.Popen[str]", line: str) -> None:
    """Type a line."""
    assert one.stdin is not None
    one.stdin.write(line + "\n")
    one.stdin.flush()


def test_two_people_compare_words(city: City, tmp_path: Path) -> None:
    """Both terminals show the same three words; the depot says yes, and the box is enrolled."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    offer = ["offer", "--city", str(city.folder), "--device", "bus-07", "--host", "127.0.0.1"]
    box = tmp_path / "box"
    with command(*offer, "--port", port, "--typed", "--hall", "hall.example.jp") as depot:
        code = heard(depot, re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}"))
        join = ["join", str(box), "--staff", "S-014 工藤 真", "--at", f"127.0.0.1:{port}"]
        with command(*join) as technician:
            say(technician, code)
            say(technician, "24681012")
            shown = heard(technician, WORDS)
            assert heard(depot, WORDS) == shown
            say(depot, "y")
            assert technician.wait(DEADLINE_S) == 0
        assert depot.wait(DEADLINE_S) == 0
    assert [one.name for one in City(city.folder).bundle().devices] == ["bus-07"]
    settings = read_settings(box / "bus.toml")
    assert settings.uplink.hall_url == "wss://hall.example.jp:8443/bus"

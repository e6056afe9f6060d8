"""One whole stop with the six real processes: from a stack of paper to the office, also through killings."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.support.tree import ROOT

pytestmark = pytest.mark.journey

SECONDS = 420


def play(*arguments: str) -> tuple[int, Mapping[str, Any], str]:
    """Play a stop by the command a person would type; returns exit code, the JSON object, the words."""
    done = subprocess.run(
        [sys.executable, "-m", "provisioning", "demo", "--auto", "--json", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    try:
        return done.returncode, json.loads(done.stdout), done.stderr
    except json.JSONDecodeError:
        pytest.fail(f"no JSON; exit {done.returncode}; said:\n{done.stderr[-2000:]}")


def test_a_stop_over_a_good_link_that_is_lost_half_way() -> None:
    """Nothing lost, nothing doubled, every receipt verified, every case compared."""
    code, told, words = play("--people", "3", "--scanner", "simulated")
    assert code == 0, (told["problems"], words[-2000:])
    assert told["ok"] is True
    assert told["totals"] == {
        "declared": 3,
        "fed": 3,
        "sealed": 3,
        "received": 3,
        "opened": 3,
        "sheets": told["totals"]["sheets"],
        "known": told["totals"]["known"],
    }
    assert told["totals"]["known"] > 0
    assert (told["lost"], told["duplicates"], told["receipts_verified"]) == (0, 0, 3)
    assert told["correction"] == "on the desk at the next visit"


def test_a_stop_without_any_link_and_a_second_one_on_the_same_data(tmp_path: Path) -> None:
    """The data of the first stop stays; the second brings other people."""
    for _ in range(2):
        code, told, words = play(
            "--people", "2", "--scanner", "simulated", "--link", "gone", "--data", str(tmp_path)
        )
        assert code == 0, (told["problems"], words[-2000:])
        assert (told["totals"]["opened"], told["lost"], told["duplicates"]) == (2, 0, 0)


def test_a_stop_over_a_recorded_link(tmp_path: Path) -> None:
    """A trace of one packet each 12 ms, about one megabit a second."""
    trace = tmp_path / "city.up"
    trace.write_text("\n".join(str(ms) for ms in range(12, 6000, 12)), encoding="ascii")
    code, told, words = play("--people", "1", "--scanner", "simulated", "--link", str(trace))
    assert code == 0, (told["problems"], words[-2000:])
    assert told["link"] == str(trace)


def test_a_folder_of_odd_pictures_is_carried_without_guessing(tmp_path: Path) -> None:
    """A blank sheet and a corrupt file: the one is carried, the other refused in words; nothing falls over."""
    Image.new("RGB", (1654, 2339), (252, 252, 250)).save(tmp_path / "01-blank.jpg")
    (tmp_path / "02-broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 not a picture after all")
    Image.effect_noise((1200, 900), 80).convert("RGB").save(tmp_path / "03-cat.jpg")
    code, told, words = play("--scanner", "simulated", "--pages", str(tmp_path))
    assert code == 0, (told["problems"], words[-2000:])
    assert len(told["refused"]) == 1
    assert "02-broken.jpg" in told["refused"][0]
    assert (told["lost"], told["duplicates"]) == (0, 0)


def test_fail__a_link_nobody_knows() -> None:
    """One sentence, no stack trace, exit 1."""
    done = subprocess.run(
        [sys.executable, "-m", "provisioning", "demo", "--auto", "--link", "splendid"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "good, poor, gone or the path of a trace file" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_even_twice_leaves_nothing_running(tmp_path: Path) -> None:
    """A sentence, no stack trace, and none of the six processes stays."""
    playing = subprocess.Popen(
        [
            *(sys.executable, "-m", "provisioning", "demo", "--auto", "--people", "1"),
            *("--scanner", "simulated", "--data", str(tmp_path)),
        ],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert playing.stderr is not None
    heard = []
    for line in playing.stderr:
        heard.append(line)
        if "visit opened" in line:
            break
    playing.send_signal(signal.SIGINT)
    playing.send_signal(signal.SIGINT)
    rest = playing.communicate(timeout=60)[1]
    words = "".join(heard) + rest
    assert playing.returncode == 1
    assert "interrupted" in words
    assert "Traceback" not in words
    assert not [path for path in Path("/proc").glob("[0-9]*/cmdline") if _names(path, tmp_path)]


def _names(command: Path, folder: Path) -> bool:
    """Tell whether a running process was started for this folder; one that has just ended was not."""
    try:
        return str(folder).encode() in command.read_bytes()
    except OSError:
        return False

"""A process of the house under the demonstration's care, with small real processes."""

import asyncio
from pathlib import Path

import pytest

from provisioning.demo.process import HouseProcess, ProcessFailed

SERVES = """
import json, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
print("ready " + json.dumps({"process": "small", "address": "http://127.0.0.1:1"}), flush=True)
signal.pause()
"""
ENDS = "import sys; sys.exit('the folder is missing')"


def _module(folder: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> str:
    (folder / "small_house_process.py").write_text(code, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "small_house_process"


async def test_it_is_started_once_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ready line tells process and address."""
    process = HouseProcess("small", _module(tmp_path, monkeypatch, SERVES), (), tmp_path / "log")
    ready = await process.start()
    await process.stop()
    assert (ready.process, ready.address) == ("small", "http://127.0.0.1:1")


async def test_fail__it_ends_before_it_is_ready(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The person reads the log's last words."""
    process = HouseProcess("small", _module(tmp_path, monkeypatch, ENDS), (), tmp_path / "log")
    with pytest.raises(ProcessFailed, match="the folder is missing"):
        await process.start()


async def test_a_killed_process_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As systemd restarts a unit."""
    process = HouseProcess("small", _module(tmp_path, monkeypatch, SERVES), (), tmp_path / "log")
    await process.start()
    process.kill()
    await asyncio.wait_for(process.came_back.wait(), 60)
    await process.stop()
    assert process.restarts == 1


async def test_stopping_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it is not started again."""
    process = HouseProcess("small", _module(tmp_path, monkeypatch, SERVES), (), tmp_path / "log")
    await process.start()
    await process.stop()
    assert process.restarts == 0

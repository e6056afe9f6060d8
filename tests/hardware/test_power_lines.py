"""The supply and its lines as the kernel's files tell them."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from hardware.catalogue import open_power
from hardware.power.sysfs import SysfsPower
from hardware.protocols import PowerFacts


def supply(folder: Path, **words: str) -> None:
    """Write one supply as the kernel shows it."""
    folder.mkdir(parents=True)
    for name, word in words.items():
        (folder / name).write_text(f"{word}\n", encoding="ascii")


async def test_mains_battery_and_lines(tmp_path: Path) -> None:
    """Mains on: its word wins over the battery's; the lines hold 0 and 1."""
    supply(tmp_path / "supplies" / "AC", type="Mains", online="1")
    supply(tmp_path / "supplies" / "BAT0", type="Battery", capacity="87")
    (tmp_path / "ignition").write_text("1\n", encoding="ascii")
    (tmp_path / "door").write_text("0\n", encoding="ascii")
    power = open_power(
        "sysfs",
        ignition=tmp_path / "ignition",
        door=tmp_path / "door",
        supplies=tmp_path / "supplies",
    )
    assert await power.facts() == PowerFacts("mains", 87, ignition=True, door=False)
    (tmp_path / "supplies" / "AC" / "online").write_text("0\n", encoding="ascii")
    assert (await power.facts()).source == "battery"


@pytest.mark.parametrize("word", ["", "2", "on", "1" * 100])
async def test_fail__a_line_that_says_neither(tmp_path: Path, word: str) -> None:
    """Anything else is unknown, and so is what is not there."""
    (tmp_path / "line").write_text(word, encoding="ascii")
    power = SysfsPower(tmp_path / "line", tmp_path / "none", tmp_path / "nothing")
    assert await power.facts() == PowerFacts("unknown", None, ignition=None, door=None)


async def test_each_change_is_told_once(tmp_path: Path) -> None:
    """The present facts, then the turned key."""
    line = tmp_path / "line"
    line.write_text("1", encoding="ascii")
    news = SysfsPower(line, supplies=tmp_path / "none", look_s=0.01).changes()
    assert isinstance(news, AsyncGenerator)
    async with asyncio.timeout(60):
        assert (await anext(news)).ignition is True
        line.write_text("0", encoding="ascii")
        assert (await anext(news)).ignition is False
    await news.aclose()

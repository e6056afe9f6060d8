"""Laying paper into the demonstration's scanner, whichever of the two drivers plays."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from hardware.scanner.papers import NotPaper, lay_in

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp", ".avif"})
LARGEST_STACK = 500


def pictures_in(folder: Path) -> tuple[Path, ...]:
    """Return a folder's pictures sorted by name; what is no picture by its name is not a sheet."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
    return tuple(found[:LARGEST_STACK])


async def lay_into_feeder(address: str, sheets: Sequence[Path]) -> list[str]:
    """Load the network scanner's tray; returns what was refused, each with a sentence."""
    async with (
        aiohttp.ClientSession() as client,
        client.post(
            f"{address}/tray",
            json={"load": [str(sheet) for sheet in sheets], "clear": True},
        ) as answer,
    ):
        told = await answer.json()
        refused: list[str] = told.get("refused", [])
        return refused


def lay_into_folder(tray: Path, sheets: Sequence[Path]) -> list[str]:
    """Put the pictures where the simulated scanner takes them from; returns what was refused."""
    for old in tray.iterdir():
        old.unlink()
    refused: list[str] = []
    for number, sheet in enumerate(sheets, 1):
        try:
            lay_in(sheet)
        except NotPaper as refusal:
            refused.append(str(refusal))
            continue
        shutil.copy(sheet, tray / f"sheet-{number:04}{sheet.suffix.lower()}")
    return refused

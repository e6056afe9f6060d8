"""How a page of one maker is laid out: blocks from a TOML file, rows of cells written `label : widget @share`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = Path(__file__).parent / "layouts"


@dataclass(frozen=True)
class Cell:
    """One cell of a row: its printed label ('' for none), what is drawn in it, its share of the width."""

    label: str
    widgets: tuple[tuple[str, ...], ...]
    share: float


@dataclass(frozen=True)
class Row:
    """One row of a table; its height is in millimetres."""

    height: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Layout:
    """One page as one maker prints it. `told` is the whole file; `held` layouts are kept for judging."""

    name: str
    doc: str
    held: bool
    told: dict[str, Any]


def read_layouts() -> tuple[Layout, ...]:
    """Read every layout of the folder, sorted by name."""
    found = []
    for path in sorted(HOME.glob("*.toml")):
        told = tomllib.loads(path.read_text("utf-8"))
        found.append(Layout(path.stem, told["doc"], bool(told.get("held", False)), told))
    return tuple(found)


def row_of(line: str) -> Row:
    """Read `HEIGHT ; LABEL : WIDGET ARGS & WIDGET ARGS @SHARE ; ...`."""
    height, *cells = (part.strip() for part in line.split(";"))
    return Row(float(height), tuple(_cell(cell) for cell in cells))


def _cell(text: str) -> Cell:
    body, _, share = text.rpartition("@") if "@" in text else (text, "", "1")
    label, _, widgets = body.partition(":")
    drawn = tuple(tuple(widget.split()) for widget in widgets.split("&") if widget.strip())
    return Cell(label.strip().replace("_", "　"), drawn, float(share))

"""The threat table as it stands in docs/threats.md: rows T1 to T20, the tests each names, what it says is missing."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.tree import ROOT

PAGE = ROOT / "docs" / "threats.md"
NOT_YET = "not yet"
_ROW = re.compile(r"^\| (T\d+) \| ", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_PLACE = re.compile(r"`([\w./-]+\.(?:py|md|toml|service|html))`")
CELLS = 5


@dataclass(frozen=True, slots=True)
class Threat:
    """One row: number, what threatens what, what is done and where, the tests' names, and what is not there."""

    number: str
    threat: str
    done: str
    shown: str
    missing: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        """The tests it names: (file, function)."""
        return _TEST.findall(self.shown)

    @property
    def places(self) -> list[str]:
        """The files its defence is in."""
        return _PLACE.findall(self.done)

    @property
    def is_open(self) -> bool:
        """Whether it says plainly that its defence is not there yet."""
        return self.shown.startswith(NOT_YET)


def threats(page: Path = PAGE) -> list[Threat]:
    """Return the rows in the page's order; raises ValueError for a row with other cells."""
    rows = [line for line in page.read_text(encoding="utf-8").splitlines() if _ROW.match(line)]
    found = []
    for line in rows:
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) != CELLS:
            raise ValueError(f"{page.name}: {line[:30]} has {len(cells)} cells, not {CELLS}")
        found.append(Threat(*cells))
    return found


def functions(path: Path) -> set[str]:
    """Return the names of the functions a file has at its top."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

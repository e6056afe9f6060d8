"""What stands on printed sheets: their words and their codes, read by poppler and zxing as anybody's machine would."""

import re
import shutil
import subprocess
from pathlib import Path

import zxingcpp
from PIL import Image

DEADLINE_S = 120


def missing() -> str:
    """Say what reading printed sheets needs that is not here; nothing when all is."""
    lacks = [name for name in ("pdftotext", "pdftoppm") if shutil.which(name) is None]
    return f"needs {', '.join(lacks)}: apt-get install poppler-utils" if lacks else ""


def words_on(document: bytes, folder: Path) -> str:
    """Return all words of a PDF in their order, without any space or line break."""
    paper = _laid(document, folder)
    told = subprocess.run(
        ["pdftotext", str(paper), "-"], check=True, capture_output=True, timeout=DEADLINE_S
    )
    return re.sub(r"\s", "", told.stdout.decode("utf-8"))


def codes_on(document: bytes, folder: Path, *, dpi: int, black_only: bool = False) -> list[str]:
    """Return the texts of the codes on each sheet, as a printer of so many dots an inch would put them there."""
    paper = _laid(document, folder)
    kind = "-mono" if black_only else "-gray"
    subprocess.run(
        ["pdftoppm", "-r", str(dpi), kind, str(paper), str(folder / "seen")],
        check=True,
        timeout=DEADLINE_S,
    )
    found = []
    for sheet in sorted(folder.glob("seen-*")):
        with Image.open(sheet) as picture:
            codes = zxingcpp.read_barcodes(picture.convert("L"))
        found += [code.text for code in sorted(codes, key=lambda code: code.position.top_left.y)]
        sheet.unlink()
    return found


def _laid(document: bytes, folder: Path) -> Path:
    paper = folder / "paper.pdf"
    paper.write_bytes(document)
    return paper

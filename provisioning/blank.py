"""`madobus blank VERB`: make a blank form from a PDF or a clean scan and its zones, check a folder, show, find.

The text beside the picture is TOML: kind, page_mm and zones of key, type, box_mm = [x, y, width, height] and style, in
millimetres from the top left corner; a printed choice has one zone for each word, of type "is:CODE".
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from appliance.desk.pages.zones import known_type
from papers.blank import (
    DPI,
    MM,
    Blank,
    BlankError,
    Grey,
    Zone,
    blank_text,
    make_blank,
    own_blanks,
    read_blank,
    read_blanks,
)
from papers.opening import PictureRefusedError, open_picture
from papers.register import register
from provisioning.files import write_whole

ASPECT_LIMIT = 0.012
"""How far a picture's shape may be from its paper's, as a share."""
PRINT_LIMIT, CHOICE_PRINT = 0.3, 0.01
"""Share of print a written zone may have at most, and a printed word has at least."""
DARK = 50
"""Grey values by which print is darker than its paper."""
PDF_SECONDS = 60
SIDES = 2


def main(argv: list[str]) -> int:
    """Run one verb and return its exit code; a refusal is a sentence."""
    verbs: dict[str, Callable[[list[str]], int]] = {
        "make": make,
        "check": check,
        "show": show,
        "find": find,
    }
    if not argv or argv[0] not in verbs:
        print(f"madobus blank VERB; there are: {', '.join(verbs)}", file=sys.stderr)
        return 2
    try:
        return verbs[argv[0]](argv[1:])
    except (OSError, BlankError, PictureRefusedError) as refusal:
        print(f"blank {argv[0]}: {refusal}", file=sys.stderr)
        return 1


def make(argv: list[str]) -> int:
    """Make NAME.webp and NAME.toml from a picture or PDF of the unfilled form and a text with its zones."""
    parser = _parser("make", make)
    parser.add_argument(
        "picture", type=Path, help="PDF, PNG or TIFF of the form before anybody writes on it"
    )
    parser.add_argument(
        "text", type=Path, help="TOML with kind, page_mm and zones; its name is the blank's"
    )
    parser.add_argument("--out", type=Path, required=True, help="the city's folder of blanks")
    parser.add_argument("--page", type=int, default=1, help="of a PDF")
    given = parser.parse_args(argv)
    told = _told(given.text)
    picture = _picture(given.picture, given.page)
    page_mm = (float(told["page_mm"][0]), float(told["page_mm"][1]))
    _refuse_shape(given.picture.name, picture, page_mm)
    zones = [_zone(entry) for entry in told.get("zones", [])]
    blank, data = make_blank(given.text.stem, str(told["kind"]), page_mm, picture, zones)
    _refuse(blank)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / f"{blank.id}.webp").write_bytes(data)
    write_whole(given.out / f"{blank.id}.toml", blank_text(blank))
    print(f"{blank.id}: {len(blank.zones)} zones, {len(data)} bytes, sha256 {blank.sha256}")
    return 0


def check(argv: list[str]) -> int:
    """Check every blank of a folder: both files, every zone, and that the blanks are not mistaken for each other."""
    parser = _parser("check", check)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args(argv)
    blanks = read_blanks(given.folder)
    for blank in blanks:
        _refuse(blank)
        found = register(np.repeat(blank.picture[:, :, None], 3, axis=2), blanks)
        if found is None or found.blank is not blank:
            other = "no blank" if found is None else found.blank.id
            raise BlankError(
                f"{blank.id}: an empty page of it must be known as it, and is taken for {other}; "
                "print more on it, or keep only one of two blanks that are the same"
            )
        print(
            f"{blank.id}: {len(blank.zones)} zones, {found.inliers} points, sha256 {blank.sha256}"
        )
    print(f"{len(blanks)} blanks, no mistake")
    return 0


def show(argv: list[str]) -> int:
    """Draw a blank with its zones into a PNG, to be looked at."""
    parser = _parser("show", show)
    parser.add_argument("blank", type=Path, help="NAME.toml")
    parser.add_argument("picture", type=Path, help="the PNG to write")
    given = parser.parse_args(argv)
    blank = read_blank(given.blank)
    Image.fromarray(zones_drawn(blank)).save(given.picture, "PNG")
    print(f"{given.picture}: {len(blank.zones)} zones; written red, chosen blue, hidden black")
    return 0


def find(argv: list[str]) -> int:
    """Say which blank a scanned or photographed page was printed from."""
    parser = _parser("find", find)
    parser.add_argument("page", type=Path, help="a picture of a page")
    parser.add_argument(
        "folder", type=Path, nargs="?", help="the city's blanks, beside the program's own"
    )
    given = parser.parse_args(argv)
    blanks = (*(read_blanks(given.folder) if given.folder else ()), *own_blanks())
    found = register(open_picture(given.page.read_bytes()), blanks)
    if found is None:
        print(f"{given.page.name}: none of {len(blanks)} blanks")
        return 1
    print(
        f"{given.page.name}: {found.blank.id}, {found.inliers} points, "
        f"{found.agreement:.0%} of its print found again"
    )
    return 0


def print_mistakes(blank: Blank) -> Iterable[str]:
    """Name the zones that do not fit what is printed there, and types nobody reads."""
    paper = cv2.dilate(blank.picture, np.ones((25, 25), np.uint8)).astype(np.int16)
    printed = blank.picture.astype(np.int16) < paper - DARK
    for zone in blank.zones:
        x, y, width, height = (round(v * DPI / MM) for v in zone.box_mm)
        share = float(printed[y : y + height, x : x + width].mean())
        where = f"zone {zone.key} ({zone.type}) at {zone.box_mm[0]:g}, {zone.box_mm[1]:g} mm"
        if not known_type(zone.type):
            yield f"{where}: nobody reads the type {zone.type!r}; see docs/blanks.md for the types"
        if zone.style == "line" and share > PRINT_LIMIT:
            yield f"{where}: {share:.0%} of it is printed already; a written zone is mostly paper, move it"
        if zone.style in ("circle", "tick") and share < CHOICE_PRINT:
            yield f"{where}: nothing is printed there; a choice lies on its printed word or square, move it"


def zones_drawn(blank: Blank) -> "np.typing.NDArray[np.uint8]":
    """Draw a blank with its zones."""
    drawn = np.repeat(blank.picture[:, :, None], 3, axis=2).copy()
    for zone in blank.zones:
        x, y, width, height = (round(v * DPI / MM) for v in zone.box_mm)
        colour = (20, 60, 220) if zone.type.startswith("is:") else (220, 30, 30)
        thick = -1 if zone.type == "hidden" else 2
        cv2.rectangle(
            drawn, (x, y), (x + width, y + height), (0, 0, 0) if thick < 0 else colour, thick
        )
        cv2.putText(drawn, zone.key, (x + 2, y - 4), cv2.FONT_HERSHEY_SIMPLEX, 0.5, colour, 1)
    return np.asarray(drawn, np.uint8)


def _parser(verb: str, what: Callable[[list[str]], int]) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"madobus blank {verb}", description=what.__doc__)


def _refuse(blank: Blank) -> None:
    found = list(print_mistakes(blank))
    if found:
        raise BlankError("\n".join(f"{blank.id}: {sentence}" for sentence in found))


def _told(path: Path) -> dict[str, Any]:
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BlankError(f"{path.name}: must be TOML in UTF-8, and is not: {fault}") from fault
    size = told.get("page_mm")
    whole = (
        isinstance(size, list)
        and len(size) == SIDES
        and all(isinstance(v, int | float) for v in size)
    )
    if not whole or "kind" not in told:
        raise BlankError(
            f'{path.name}: must say the kind and the paper, e.g. kind = "form_front" and page_mm = [210, 297]'
        )
    return told


def _zone(told: Any) -> Zone:
    try:
        x, y, width, height = (float(v) for v in told["box_mm"])
        return Zone(
            str(told["key"]), str(told["type"]), (x, y, width, height), told.get("style", "line")
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise BlankError(
            f"a zone must have key, type and box_mm = [x, y, width, height]; this is {told!r}"
        ) from fault


def _picture(path: Path, page: int) -> Grey:
    data = _page_of_pdf(path, page) if path.suffix.lower() == ".pdf" else path.read_bytes()
    return np.asarray(cv2.cvtColor(open_picture(data), cv2.COLOR_RGB2GRAY), np.uint8)


def _page_of_pdf(path: Path, page: int) -> bytes:
    """Draw one page of a PDF at 200 dpi with poppler's pdftoppm."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "page"
        asked: Sequence[str] = (
            *("pdftoppm", "-r", str(DPI), "-png", "-singlefile"),
            *("-f", str(page), "-l", str(page), str(path), str(target)),
        )
        try:
            done = subprocess.run(asked, check=False, capture_output=True, timeout=PDF_SECONDS)
        except FileNotFoundError as fault:
            raise BlankError(
                f"{path.name}: a PDF is drawn by pdftoppm, which is not installed; "
                "install poppler-utils, or give a PNG of 200 dpi"
            ) from fault
        drawn = target.with_suffix(".png")
        if done.returncode != 0 or not drawn.exists():
            raise BlankError(
                f"{path.name}: page {page} cannot be drawn: {done.stderr.decode(errors='replace')[:200]}"
            )
        return drawn.read_bytes()


def _refuse_shape(name: str, picture: Grey, page_mm: tuple[float, float]) -> None:
    """Refuse a picture that shows more or less than the paper."""
    height, width = picture.shape
    share = (width / height) / (page_mm[0] / page_mm[1])
    if abs(share - 1) > ASPECT_LIMIT:
        raise BlankError(
            f"{name}: the picture of {width} x {height} pixels has not the shape of paper of "
            f"{page_mm[0]:g} x {page_mm[1]:g} mm ({share - 1:+.1%}); cut it at the paper's edges, or correct page_mm"
        )

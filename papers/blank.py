"""A blank form: what is printed on a page before anybody writes on it, and where which answer belongs.

On disk it is two files: NAME.webp, lossless grey at exactly 200 dpi, and NAME.toml with its kind, its size on paper,
the picture's SHA-256 and its zones. The program brings the blanks of its own forms; a city keeps others in a folder.
"""

import hashlib
import io
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.uint8]
BoxMm = tuple[float, float, float, float]
"""(x, y, width, height) in millimetres from the top left corner of the paper."""
Style = Literal["line", "boxes", "circle", "tick"]
"""How a zone is filled: a line of writing, one sign a box, a ring about a printed word, a mark in a square."""

DPI = 200
MM = 25.4
KINDS = ("form_front", "form_back", "insurance_card", "medical_insurance", "physician_opinion")
BLANKS_LIMIT = 64
"""Blanks of one folder; every page is compared with each of them."""
ZONES_LIMIT = 200
TEXT_LIMIT = 200_000
PICTURE_LIMIT = 4_000_000
"""Bytes of the two files of one blank."""
LONGEST_MM = 450.0
"""A3 and a little more."""
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class BlankError(ValueError):
    """A blank form breaks a rule of its own making; the message names file, rule, fact and remedy."""


@dataclass(frozen=True, slots=True)
class Zone:
    """Where one answer belongs. A choice has one zone for each printed word, of type "is:CODE"."""

    key: str
    type: str
    box_mm: BoxMm
    style: Style = "line"


@dataclass(frozen=True, slots=True, eq=False)
class Blank:
    """One side of a blank form. `picture` is grey (height, width) at `DPI`; `sha256` is of its file."""

    id: str
    kind: str
    page_mm: tuple[float, float]
    picture: Grey
    sha256: str
    zones: tuple[Zone, ...] = field(default=())

    def zones_of(self, key: str) -> tuple[Zone, ...]:
        """Give the zones of one field; a choice has several."""
        return tuple(zone for zone in self.zones if zone.key == key)


def size_at(page_mm: tuple[float, float], dpi: float) -> tuple[int, int]:
    """Give (width, height) in pixels of paper of that size."""
    return round(page_mm[0] * dpi / MM), round(page_mm[1] * dpi / MM)


def make_blank(
    name: str, kind: str, page_mm: tuple[float, float], picture: Grey, zones: Sequence[Zone]
) -> tuple[Blank, bytes]:
    """Make a blank and its picture's file from a grey page, which is brought to 200 dpi; raises BlankError."""
    image = (
        Image.fromarray(picture)
        .convert("L")
        .resize(size_at(page_mm, DPI), Image.Resampling.LANCZOS)
    )
    # Sixteen greys keep every edge where it is at a third of the bytes.
    image = image.point([round(grey / 17) * 17 for grey in range(256)])
    out = io.BytesIO()
    image.save(out, "WEBP", lossless=True, method=4, quality=60)
    data = out.getvalue()
    grey = _decoded(name, data)
    blank = Blank(name, kind, page_mm, grey, hashlib.sha256(data).hexdigest(), tuple(zones))
    refuse_mistakes(blank)
    return blank, data


def read_blank(path: Path) -> Blank:
    """Read NAME.toml and NAME.webp beside it; raises BlankError."""
    name = path.stem
    told = _table(path)
    data = _bytes(path.with_suffix(".webp"), PICTURE_LIMIT)
    found = hashlib.sha256(data).hexdigest()
    if told.get("sha256") != found:
        raise BlankError(
            f"{path.name}: sha256 must be that of {name}.webp, which is {found}; "
            "make both files again with: madobus blank make"
        )
    try:
        blank = Blank(
            id=name,
            kind=str(told["kind"]),
            page_mm=_pair(told["page_mm"]),
            picture=_decoded(name, data),
            sha256=found,
            zones=tuple(_zone(entry) for entry in told.get("zones", [])),
        )
    except (KeyError, TypeError, ValueError) as fault:
        if isinstance(fault, BlankError):
            raise
        raise BlankError(
            f"{path.name}: a line is missing or of a wrong shape: {fault!r}"
        ) from fault
    refuse_mistakes(blank)
    return blank


def read_blanks(folder: Path) -> tuple[Blank, ...]:
    """Read every blank of a folder, in order of their names; raises BlankError."""
    paths = sorted(folder.glob("*.toml"))
    if len(paths) > BLANKS_LIMIT:
        raise BlankError(
            f"{folder}: a folder has at most {BLANKS_LIMIT} blanks, this has {len(paths)}; "
            "take out the forms nobody uses any more"
        )
    return tuple(read_blank(path) for path in paths)


@cache
def own_blanks() -> tuple[Blank, ...]:
    """Give the blanks that travel with the program."""
    return read_blanks(Path(__file__).with_name("blanks"))


def blank_text(blank: Blank) -> str:
    """Write NAME.toml."""
    lines = [
        f'kind = "{blank.kind}"',
        f"page_mm = [{blank.page_mm[0]:g}, {blank.page_mm[1]:g}]",
        f'sha256 = "{blank.sha256}"',
        "zones = [",
    ]
    for zone in blank.zones:
        box = ", ".join(f"{round(v, 2):g}" for v in zone.box_mm)
        lines.append(
            f'  {{ key = "{zone.key}", type = "{zone.type}", box_mm = [{box}], style = "{zone.style}" }},'
        )
    return "\n".join([*lines, "]", ""])


def refuse_mistakes(blank: Blank) -> None:
    """Raise BlankError with every mistake in a blank, one a line; silent when there is none."""
    found = list(mistakes(blank))
    if found:
        raise BlankError("\n".join(f"{blank.id}: {sentence}" for sentence in found))


def mistakes(blank: Blank) -> Iterable[str]:
    """Name what is wrong with a blank: its name, kind, size, and each zone's place and style."""
    if not _NAME.fullmatch(blank.id):
        yield f"a name is small letters, digits and single dashes; this is {blank.id!r}"
    if blank.kind not in KINDS:
        yield f"kind must be one of {', '.join(KINDS)}; this is {blank.kind!r}"
    width, height = blank.page_mm
    if not (0 < width <= LONGEST_MM and 0 < height <= LONGEST_MM):
        yield f"page_mm must lie within 0 and {LONGEST_MM:g}; this is {width:g} x {height:g}"
        return
    expected, actual = size_at(blank.page_mm, DPI), blank.picture.shape[1::-1]
    if tuple(actual) != expected:
        yield f"the picture must be {expected} pixels ({DPI} dpi); it is {tuple(actual)}"
    if len(blank.zones) > ZONES_LIMIT:
        yield f"at most {ZONES_LIMIT} zones; there are {len(blank.zones)}"
    for zone in blank.zones:
        yield from _zone_mistakes(zone, width, height)
    yield from _crowded(blank.zones)


def _zone_mistakes(zone: Zone, width: float, height: float) -> Iterable[str]:
    x, y, wide, high = zone.box_mm
    if zone.style not in get_args(Style):
        yield f"zone {zone.key}: style must be one of {', '.join(get_args(Style))}; it is {zone.style!r}"
    if wide <= 0 or high <= 0:
        yield f"zone {zone.key}: its box must have a width and a height; it is {wide:g} x {high:g} mm"
    elif x < 0 or y < 0 or x + wide > width or y + high > height:
        yield (
            f"zone {zone.key}: its box must lie on the paper of {width:g} x {height:g} mm; "
            f"it reaches from ({x:g}, {y:g}) to ({x + wide:g}, {y + high:g})"
        )
    if (zone.style in ("circle", "tick")) != zone.type.startswith("is:"):
        yield (
            f"zone {zone.key}: a circle or tick has the type is:CODE and nothing else has it; "
            f"this is style {zone.style!r} with type {zone.type!r}"
        )


def _crowded(zones: Sequence[Zone]) -> Iterable[str]:
    """Two answers cannot stand in one place, and a written field has one place."""
    for index, one in enumerate(zones):
        for other in zones[index + 1 :]:
            if _shared(one.box_mm, other.box_mm) > 0.5:  # noqa: PLR2004 - more than half
                yield f"zones {one.key} ({one.type}) and {other.key} ({other.type}) lie on each other"
            if (one.key, one.type) == (other.key, other.type) and one.style != "line":
                yield f"zone {one.key} with type {one.type} is there twice; take one out"


def _shared(one: BoxMm, other: BoxMm) -> float:
    """Share of the smaller box that lies in the other."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    smaller = min(one[2] * one[3], other[2] * other[3])
    return max(0.0, wide) * max(0.0, high) / max(smaller, 1e-9)


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_bytes(path, TEXT_LIMIT).decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BlankError(f"{path.name}: must be TOML in UTF-8, and is not: {fault}") from fault


def _bytes(path: Path, limit: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as fault:
        raise BlankError(f"{path.name}: cannot be read: {fault.strerror}") from fault
    if len(data) > limit:
        raise BlankError(f"{path.name}: has more than {limit} bytes; a blank of ours has fewer")
    return data


def _decoded(name: str, data: bytes) -> Grey:
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as image:
            if max(image.size) > LONGEST_MM * DPI / MM + 1:
                raise BlankError(f"{name}.webp: is larger than any paper: {image.size} pixels")
            return np.ascontiguousarray(np.asarray(image.convert("L"), np.uint8))
    except (OSError, SyntaxError, RuntimeError) as fault:
        raise BlankError(f"{name}.webp: must be a WebP picture, and is not: {fault}") from fault


def _pair(told: Any) -> tuple[float, float]:
    width, height = (float(v) for v in told)
    return width, height


def _zone(told: Any) -> Zone:
    x, y, width, height = (float(v) for v in told["box_mm"])
    style = told.get("style", "line")
    return Zone(str(told["key"]), str(told["type"]), (x, y, width, height), style)

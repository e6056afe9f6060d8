"""A reader whose made-up sheets look like the program's own forms, so that a photographed screen shows real papers."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from PIL import Image

from appliance.desk.pages.sheet import FieldReading, QrCode, ReadSheet
from papers.blank import own_blanks
from provisioning.demo.samples.paper import Fonts
from provisioning.demo.samples.people import Person
from provisioning.demo.samples.stack import Press
from tests.support.counterworld import WordReader
from tests.support.madeup_papers import person

DAY = date(2026, 8, 25)
DPI = 150
SAID = {"blurred": "この紙の画像はぼやけています。"}
"""What the quality gate says where a made-up sheet has only its word."""
PREVIEW = 8
"""A preview is this much smaller than the page."""


@dataclass(slots=True)
class PicturedReader(WordReader):
    """Reads as made-up sheets do; page, preview and the places of fields are those of a drawn form."""

    async def read(
        self,
        image: bytes,
        media_type: str,
        dpi: int,
        deep: Callable[[QrCode | None], bool],
    ) -> ReadSheet:
        """Return what the sheet says of itself, with the picture of the form it stands for."""
        # By name: a dataclass with slots is another class than the one `super()` would ask for.
        found = await WordReader.read(self, image, media_type, dpi, deep)
        said = tuple(
            replace(one, sentence=SAID.get(one.code, one.sentence)) for one in found.findings
        )
        found = replace(found, findings=said)
        if found.kind not in _kinds():
            return found
        told = json.loads(image)
        if not told.get("word", "").isdigit():
            return found
        page, preview, size = pictured(found.kind, int(told["word"]))
        fields = tuple(replace(one, box=_place(one, found.kind)) for one in found.fields)
        return replace(
            found, page=page, preview=preview, width=size[0], height=size[1], fields=fields
        )


def draw_ahead(people: int) -> None:
    """Draw the papers of so many people before a screen waits for them."""
    for number in range(1, people + 1):
        for kind in _kinds():
            pictured(kind, number)


@cache
def pictured(kind: str, number: int) -> tuple[bytes, bytes, tuple[int, int]]:
    """Draw a made-up person's form: page and preview as WebP, and the page's size in pixels."""
    truth = {"application_date": DAY.isoformat(), **person(number)}
    reference = f"R{number:05}"
    whose = Person(truth, None, True, f"KN1:032011:{reference}:0", reference, ())
    page = _press().page(whose, kind)
    small = page.resize((page.width * DPI // 300, page.height * DPI // 300), Image.Resampling.BOX)
    little = small.resize((small.width // PREVIEW * 2, small.height // PREVIEW * 2))
    return _webp(small), _webp(little), small.size


def _place(field: FieldReading, kind: str) -> tuple[int, int, int, int] | None:
    """Return where the field stands on the form, in pixels of the page."""
    blank = next(one for one in own_blanks() if one.kind == kind)
    for zone in blank.zones_of(field.key):
        x, y, width, height = (round(side * DPI / 25.4) for side in zone.box_mm)
        return x, y, width, height
    return None


@cache
def _kinds() -> frozenset[str]:
    return frozenset(one.kind for one in own_blanks()) - {"medical_insurance"}


@cache
def _press() -> Press:
    return Press(Fonts(), DAY)


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "webp", quality=70)
    return out.getvalue()

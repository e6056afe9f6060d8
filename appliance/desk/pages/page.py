"""What a worker does with one sheet, from foreign bytes to a read sheet."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from appliance.desk.pages import encode, findings, gate, kind, mask, qr, quality
from appliance.desk.pages.asfed import AsFed
from appliance.desk.pages.detect import Quad, TextFinder
from appliance.desk.pages.extract import Extractor, Sight
from appliance.desk.pages.flatten import flat_page
from appliance.desk.pages.formats import size_mm
from appliance.desk.pages.freed import give_back
from appliance.desk.pages.known import KnownPage, lay_known, read_known
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.leftover import holds_number, number_left, numbers_left
from appliance.desk.pages.ocr import Line, LineReader, crop
from appliance.desk.pages.piece import Piece, piece_of
from appliance.desk.pages.rules import Rules, find_rules
from appliance.desk.pages.sheet import (
    Box,
    FieldReading,
    Finding,
    Kind,
    QrCode,
    ReadSheet,
    unreadable,
)
from appliance.desk.pages.straighten import straighten, turn
from appliance.desk.pages.upright import quarters_by_code, quarters_by_lines
from papers.blank import Blank
from papers.opening import Picture, PictureRefusedError, open_picture
from papers.original import ORIGINAL_TYPE, encode_original

WORK_SIDE = 2500
"""Long side of the page that is read and sent: A4 at 222 dpi, the insurance card at 240."""
ROUGH_SIDE, FIND_SIDE = 640, 1120
"""Long sides at which text is looked for: enough to see how the lines run, enough for every field."""
TITLE_LINES = 14
"""Largest lines read to recognise a page."""
TITLE_SHAPE = 3.0
SENTENCE, PEEK, PEEK_DIGITS = 24, 7, 3
"""Heights from which a line is probably a sentence, heights of it that are read to tell, digits that speak against."""
HEAD = 0.4
"""Share of an opinion's page that names its subject."""


@dataclass(slots=True)
class _Reading:
    """A squared page while it is read: boxes found, and lines read so far."""

    page: Picture
    quads: list[Quad]
    rules: Rules
    told: list[Finding]
    fed: AsFed | None = None
    lines: dict[int, Line] = field(default_factory=dict)

    def pieces(self) -> list[Piece]:
        """Give the pieces read so far."""
        made = [piece_of(self.quads[i], line) for i, line in self.lines.items()]
        return [piece for piece in made if piece is not None]


class PageDesk:
    """Reads sheets, one at a time; opens the models once needed. `today` judges whether dates can be.

    A page printed from one of the `blanks` is read in their zones, every other one by its labels. `turn` is held while
    text is looked for, which needs most memory.
    """

    def __init__(
        self,
        today: date,
        blanks: Sequence[Blank] = (),
        turn: AbstractContextManager[Any] | None = None,
    ) -> None:
        self._today = today
        self._blanks = tuple(blanks)
        self._turn = turn

    @cached_property
    def _finder(self) -> TextFinder:
        return TextFinder(self._turn)

    @cached_property
    def _reader(self) -> LineReader:
        return LineReader("read")

    @cached_property
    def _second(self) -> LineReader:
        return LineReader("read_again")

    @cached_property
    def _extractor(self) -> Extractor:
        return Extractor(self._reader, self._second)

    def open_models(self) -> None:
        """Open the models before the first page that needs them."""
        _ = self._finder, self._reader, self._extractor

    def read(
        self,
        data: bytes,
        deep: Callable[[QrCode | None], bool],
        dpi: int = 300,
        *,
        original: bool = False,
    ) -> ReadSheet:
        """Read one sheet, a photograph where `dpi` is 0; a picture that cannot be used comes back as "unreadable".

        `original` asks for the picture as it was fed, too.
        """
        told: list[Finding] = []
        glare = 0.0
        try:
            picture = open_picture(data)
        except PictureRefusedError as refusal:
            return unreadable(findings.refused(refusal))
        codes = qr.find_codes(picture)
        plain = not codes and quality.is_plain(picture)
        if dpi == 0 and not plain:
            flat = flat_page(picture)
            picture, glare = flat.picture, flat.glare
            told += flat.told
            del flat
        full, size = picture.shape[0], size_mm(picture.shape, dpi)
        fed = picture if original else None
        picture = _within(picture, WORK_SIDE)
        give_back()
        if plain:
            return _sheet("blank", 0, picture, told=[findings.blank_page()])
        city = qr.city_code(codes)
        code = None if city is None else city[0]
        wholly = deep(code)
        # An original is kept only of pages that were searched for a second number, all over.
        known = self._known(picture, wholly=wholly) if fed is None else None
        if known is not None:
            told += gate.refusals(known.measures(picture, glare, size))
            return self._tell_known(known, code, told, foreign=bool(codes))
        if city is not None:
            quarters = quarters_by_code(city[1].angle)
        else:
            quads = self._finder.find(picture, ROUGH_SIDE)
            if not codes and self._blank(picture, quads):
                return _sheet("blank", 0, picture, told=[*told, findings.blank_page()])
            quarters = quarters_by_lines(picture, quads, self._reader)
        square = straighten(turn(picture, quarters))
        quads = self._finder.find(square.picture, FIND_SIDE)
        matrix = square.matrix if dpi else None
        told += gate.refusals(
            gate.measure(picture, square.picture, quads, glare, matrix, size_mm=size)
        )
        scale = picture.shape[0] / full
        kept = None if fed is None else AsFed(fed, scale, quarters, square.matrix)
        reading = _Reading(square.picture, quads, find_rules(square.picture), told, kept)
        del fed, picture, square  # a picture in full is a tenth of the memory all lanes may take
        return self._understand(reading, code, quarters, wholly=wholly, foreign=bool(codes))

    def _known(self, picture: Picture, *, wholly: bool) -> KnownPage | None:
        laid = lay_known(picture, self._blanks)
        if laid is None:
            return None
        return read_known(laid, self._reader, self._second, self._today, wholly=wholly)

    def _tell_known(
        self,
        known: KnownPage,
        code: QrCode | None,
        told: list[Finding],
        *,
        foreign: bool,
    ) -> ReadSheet:
        kind_ = known.kind
        if foreign and code is None:
            told.append(findings.unreadable_code())
        if known.hidden:
            told.append(findings.individual_number_hidden())
        elif kind_ == "form_front":
            told.append(findings.individual_number_uncertain())
        if known.elsewhere:
            told.append(findings.individual_number_elsewhere())
        said = {each.code for each in told}
        seen = quality.picture_findings(known.picture, ())
        told += [each for each in seen if each.code not in said]
        return _sheet(
            kind_,
            known.rotation,
            known.picture,
            code=code,
            fields=known.fields,
            told=told,
            places=known.places,
            blank=known.laid.blank,
        )

    def _blank(self, picture: Picture, quads: Sequence[Quad]) -> bool:
        """Tell whether a side is blank; small writing is looked for closely before it is called so."""
        if not quality.is_blank(picture, len(quads)):
            return False
        return quality.is_blank(picture, len(self._finder.find(picture, FIND_SIDE)))

    def _understand(
        self, reading: _Reading, code: QrCode | None, quarters: int, *, wholly: bool, foreign: bool
    ) -> ReadSheet:
        told = reading.told
        kind_ = self._recognise(reading, code)
        # Also where the fields are known already: an individual number may stand anywhere.
        self._read_all(reading, kind_)
        kind_ = kind_ or kind.kind_by_marks(reading.pieces()) or "other"
        if kind_ == "other":
            told.append(findings.unknown_page())
        if foreign and code is None:
            told.append(findings.unreadable_code())
        boxes = self._hide(reading, kind_, told)
        left = number_left(reading.pieces(), boxes)
        elsewhere = numbers_left(reading.pieces(), boxes)
        if elsewhere:
            told.append(findings.individual_number_elsewhere())
            boxes = [*boxes, *elsewhere]
        fields = self._fields(reading, kind_) if wholly and kind_ != "other" else []
        said = {each.code for each in told}
        seen = quality.picture_findings(reading.page, list(reading.lines.values()))
        told += [each for each in seen if each.code not in said]
        reading.page = mask.paint(reading.page, boxes)
        return _sheet(
            kind_,
            quarters * 90,
            reading.page,
            code=code,
            fields=fields,
            told=told,
            writing=reading.quads,
            original=_original(None if left else reading.fed, kind_, boxes),
        )

    def _fields(self, reading: _Reading, kind_: Kind) -> list[FieldReading]:
        sight = Sight(reading.page, reading.pieces(), reading.rules, self._today)
        found = self._extractor.fields(kind_, sight)
        return [each for each in found if not holds_number(each.raw)]

    def _recognise(self, reading: _Reading, code: QrCode | None) -> Kind | None:
        """Read the largest lines and look for a title; a city's code stands on form fronts."""
        wide = [
            i
            for i, quad in enumerate(reading.quads)
            if TITLE_SHAPE < _width(quad) / max(1.0, _height(quad)) < SENTENCE
        ]
        wide.sort(key=lambda i: -_height(reading.quads[i]))
        self._read(reading, wide[:TITLE_LINES])
        found = kind.kind_by_title(reading.pieces())
        return found or ("form_front" if code is not None else None)

    def _read_all(self, reading: _Reading, kind_: Kind | None) -> None:
        """Read what can hold a field: not the sentences, and of an opinion only its head, which says whose it is."""
        end = reading.page.shape[0] * (HEAD if kind_ == "physician_opinion" else 1.0)
        wanted = [i for i, quad in enumerate(reading.quads) if quad[0, 1] <= end]
        self._read(reading, [i for i in wanted if not self._sentence(reading, i)])

    def _sentence(self, reading: _Reading, index: int) -> bool:
        """Tell whether a very long line begins as a sentence: neither with a label nor with numbers."""
        quad = reading.quads[index]
        if index in reading.lines or _width(quad) < SENTENCE * _height(quad):
            return False
        cut = crop(reading.page, quad)
        piece = piece_of(quad, self._reader.read(cut[:, : PEEK * cut.shape[0]]))
        if piece is None or sum(letter.text.isdigit() for letter in piece.letters) >= PEEK_DIGITS:
            return False
        return not any(find_labels(kind_, [piece])[0] for kind_ in ("form_front", "insurance_card"))

    def _read(self, reading: _Reading, indices: Sequence[int]) -> None:
        for index in indices:
            if index not in reading.lines:
                reading.lines[index] = self._reader.read(crop(reading.page, reading.quads[index]))

    def _hide(self, reading: _Reading, kind_: Kind, told: list[Finding]) -> list[Box]:
        height, width = reading.page.shape[:2]
        pieces = reading.pieces()
        found, _ = find_labels("form_front", pieces)
        boxes = mask.boxes_to_hide(found, pieces, reading.rules, width, height)
        if boxes:
            told.append(findings.individual_number_hidden())
        elif kind_ == "form_front":
            told.append(findings.individual_number_uncertain())
        return boxes


def _sheet(
    kind_: Kind,
    rotation: int,
    page: Picture,
    *,
    told: Sequence[Finding],
    code: QrCode | None = None,
    fields: Sequence[FieldReading] = (),
    writing: Sequence[Quad] = (),
    places: Sequence[Box] = (),
    blank: Blank | None = None,
    original: bytes = b"",
) -> ReadSheet:
    turned = [findings.turned(rotation)] if rotation else []
    values = [field.box for field in fields if field.box is not None]
    # Values are written larger than the labels beside them.
    others = [*places, *(_box(quad) for quad in sorted(writing, key=_height, reverse=True))]
    give_back()
    copy, look = encode.encode_both(page, values, others, blank)
    return ReadSheet(
        kind=kind_,
        rotation=rotation,
        width=page.shape[1],
        height=page.shape[0],
        qr=code,
        fields=tuple(fields),
        findings=(*told, *turned),
        page=copy,
        page_type=encode.type_of(copy),
        preview=look,
        preview_type=encode.type_of(look),
        original=original,
        original_type=ORIGINAL_TYPE if original else "",
    )


def _original(fed: AsFed | None, kind_: Kind, boxes: Sequence[Box]) -> bytes:
    """Write the picture as fed; b"" where nobody asked, or where an individual number may stand on it unseen."""
    unsure = kind_ == "other" or (kind_ == "form_front" and not boxes)
    return b"" if fed is None or unsure else encode_original(fed.hidden(boxes))


def _box(quad: Quad) -> Box:
    left, top = quad.min(axis=0)
    right, bottom = quad.max(axis=0)
    return (
        round(float(left)),
        round(float(top)),
        round(float(right - left)),
        round(float(bottom - top)),
    )


def _within(picture: Picture, side: int) -> Picture:
    scale = side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def _height(quad: Quad) -> float:
    return float(min(quad[:, 1].max() - quad[:, 1].min(), quad[:, 0].max() - quad[:, 0].min()))


def _width(quad: Quad) -> float:
    return float(quad[:, 0].max() - quad[:, 0].min())

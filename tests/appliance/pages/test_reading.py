"""The recognition models on the project's own pages: what a demo stack gives when it is fed."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from appliance.desk.pages.page import PageDesk
from appliance.desk.pages.sheet import DOUBTFUL_BELOW, QrCode, ReadSheet
from provisioning.demo.samples import Person, make_stack

pytestmark = pytest.mark.ocr

TODAY = date(2026, 11, 23)


class Fed:
    """A small stack and a desk that reads its sheets once each."""

    def __init__(self, folder: Path) -> None:
        self.stack = make_stack(folder, seed=5, people=2, today=TODAY)
        self._desk = PageDesk(TODAY)
        self._read: dict[tuple[int, int, bool], ReadSheet] = {}

    def sheet(self, number: int, *, deep: bool, quarters: int = 0) -> ReadSheet:
        """Read a sheet of the stack, turned clockwise."""
        key = (number, quarters, deep)
        if key not in self._read:
            data = self.stack.sheets[number].read_bytes()
            if quarters:
                out = io.BytesIO()
                turned = np.rot90(np.asarray(Image.open(io.BytesIO(data))), -quarters)
                Image.fromarray(np.ascontiguousarray(turned)).save(out, "JPEG", quality=90)
                data = out.getvalue()
            self._read[key] = self._desk.read(data, lambda _: deep)
        return self._read[key]

    def person(self, number: int) -> Person:
        """Tell whose sheet it is."""
        sheets = [person for person in self.stack.people for _ in person.kinds]
        return sheets[number]

    def any(self, data: bytes) -> ReadSheet:
        """Read other bytes."""
        return self._desk.read(data, lambda _: True)


FRONT, BACK, CARD, HEALTH = 0, 1, 2, 6


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Fed:
    """Draw the stack once."""
    return Fed(tmp_path_factory.mktemp("stack"))


def jpeg(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """Write a picture."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (FRONT, "form_front"),
        (BACK, "form_back"),
        (CARD, "insurance_card"),
        (HEALTH, "medical_insurance"),
    ],
)
def test_kind(fed: Fed, number: int, kind: str) -> None:
    """Every kind of the stack is recognised."""
    assert fed.sheet(number, deep=True).kind == kind


@pytest.mark.parametrize("number", [FRONT, BACK, CARD, HEALTH])
def test_nothing_sure_is_wrong(fed: Fed, number: int) -> None:
    """Whatever is read with confidence is what was printed."""
    truth = fed.person(number).truth | {"reference": fed.person(number).reference}
    wrong = [
        reading
        for reading in fed.sheet(number, deep=True).fields
        if not reading.doubtful and truth.get(reading.key) != reading.value
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("number", "keys"),
    [
        (FRONT, "insured_no birth_date sex postal_code phone prev_result prev_valid_to number"),
        (BACK, "survey.phone survey.attendee survey.place"),
        (CARD, "insured_no birth_date sex prev_result prev_valid_from prev_valid_to insurer_no"),
        (HEALTH, "birth_date sex medical_insurer_no number"),
    ],
)
def test_sure_fields(fed: Fed, number: int, keys: str) -> None:
    """Numbers, dates and circles of a clean page are right."""
    truth, sheet = fed.person(number).truth, fed.sheet(number, deep=True)
    read = {key: sheet.field(key) for key in keys.split()}
    assert {key: found and found.value for key, found in read.items()} == {
        key: truth[key] for key in keys.split()
    }


def test_name_is_read_but_never_sure(fed: Fed) -> None:
    """A model that lacks a letter cannot know it; the name waits for a person's eye."""
    name = fed.sheet(CARD, deep=True).field("name")
    assert name is not None
    assert name.confidence < DOUBTFUL_BELOW


def test_code_is_read(fed: Fed) -> None:
    """The front's code leads to the due list."""
    code = fed.sheet(FRONT, deep=False).qr
    assert code is not None
    assert code.reference == fed.person(FRONT).reference


def test_light_reading_reads_no_fields(fed: Fed) -> None:
    """When the due list knows the person, nothing is read off the page."""
    assert fed.sheet(FRONT, deep=False).fields == ()


@pytest.mark.parametrize("deep", [False, True])
def test_individual_number_is_painted_over(fed: Fed, deep: bool) -> None:  # noqa: FBT001 - a parameter
    """Light or deep, its row is hidden and the desk is told."""
    codes = [finding.code for finding in fed.sheet(FRONT, deep=deep).findings]
    assert "individual_number_hidden" in codes


def test_an_original_is_the_fed_picture_without_the_number(fed: Fed) -> None:
    """As large as it was fed, one grey box on it; nobody gets one unasked."""
    assert fed.sheet(FRONT, deep=False).original == b""
    data = fed.stack.sheets[FRONT].read_bytes()
    sheet = PageDesk(TODAY).read(data, lambda _: False, original=True)
    before, after = (np.asarray(Image.open(io.BytesIO(one))) for one in (data, sheet.original))
    assert (sheet.original_type, after.shape) == ("image/jpeg", before.shape)
    changed = np.abs(before.astype(int) - after).max(axis=2) > 60
    ys, xs = np.nonzero(changed)
    grey = after[int(np.median(ys)), int(np.median(xs))]
    assert np.abs(grey.astype(int) - 150).max() < 12


def with_digits(
    data: bytes, groups: Sequence[str]
) -> tuple[bytes, list[tuple[int, int, int, int]]]:
    """Write groups of small digits far apart at the foot of a sheet; returns it and where they stand."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    draw, font, places = ImageDraw.Draw(picture), ImageFont.load_default(30), []
    for at, text in enumerate(groups):
        corner = (int(picture.width * (0.3 + 0.05 * at)), int(picture.height * 0.93))
        left, top, right, bottom = (round(edge) for edge in draw.textbbox(corner, text, font=font))
        draw.rectangle((left - 15, top - 15, right + 15, bottom + 15), fill="white")
        draw.text(corner, text, fill=(20, 20, 20), font=font)
        places.append((left, top, right, bottom))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92)
    return out.getvalue(), places


@pytest.mark.parametrize("groups", [["234567890123"], ["2345-6789-0123"]])
def test_a_number_beside_its_box_is_told(fed: Fed, groups: list[str]) -> None:
    """Also where nothing is read off the page, because its code is expected: the desk is told."""
    data, _ = with_digits(fed.stack.sheets[FRONT].read_bytes(), groups)
    sheet = PageDesk(TODAY).read(data, lambda _: False)
    told = {finding.code for finding in sheet.findings}
    assert told & {"individual_number_elsewhere", "individual_number_hidden"}


@pytest.mark.parametrize("groups", [["234567890123"], ["2345", "6789", "0123"]])
def test_an_original_holds_no_number_beside_its_box(fed: Fed, groups: list[str]) -> None:
    """Written where no form asks for it, on a sheet whose code is expected: painted over, or no original at all."""
    data, places = with_digits(fed.stack.sheets[FRONT].read_bytes(), groups)
    sheet = PageDesk(TODAY).read(data, lambda _: False, original=True)
    if sheet.original:
        after = np.asarray(Image.open(io.BytesIO(sheet.original)).convert("L"))
        assert all(after[y:b, x:r].min() > 110 for x, y, r, b in places)


def test_upside_down_front_is_put_upright(fed: Fed) -> None:
    """The code tells which way is up."""
    sheet = fed.sheet(FRONT, deep=False, quarters=2)
    assert (sheet.kind, sheet.rotation) == ("form_front", 180)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_turned_card_is_put_upright(fed: Fed, quarters: int) -> None:
    """Without a code the lines tell, and the number is read all the same."""
    sheet = fed.sheet(CARD, deep=True, quarters=quarters)
    number = sheet.field("insured_no")
    assert (sheet.rotation, number and number.value) == (
        (-90 * quarters) % 360,
        fed.person(CARD).truth["insured_no"],
    )


def test_sizes_of_the_pictures(fed: Fed) -> None:
    """A page at 300 dpi and its preview keep to what the link was promised."""
    sheet = fed.sheet(FRONT, deep=False)
    assert (len(sheet.page) < 130_000, len(sheet.preview) <= 15_000) == (True, True)


def test_asked_once_with_the_code(fed: Fed) -> None:
    """The desk decides with the code in hand."""
    asked: list[QrCode | None] = []

    def deep(code: QrCode | None) -> bool:
        asked.append(code)
        return False

    PageDesk(TODAY).read(fed.stack.sheets[FRONT].read_bytes(), deep)
    assert [code.reference for code in asked if code] == [fed.person(FRONT).reference]


def test_white_sheet_is_blank(fed: Fed) -> None:
    """An empty side is told to be one."""
    assert fed.any(jpeg(np.full((1754, 1240, 3), 252, np.uint8))).kind == "blank"


def test_photograph_is_other(fed: Fed) -> None:
    """A picture of something else is no application."""
    noise = np.random.default_rng(4).integers(0, 255, (24, 32, 3), np.uint8)
    soft = Image.fromarray(noise).resize((1600, 1200), Image.Resampling.BICUBIC)
    assert fed.any(jpeg(np.asarray(soft, np.uint8))).kind == "other"

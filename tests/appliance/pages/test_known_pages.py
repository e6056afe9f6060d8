"""Pages printed from a known blank are read in their places, without any search for text."""

import io
from datetime import date
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from appliance.desk.pages.known import print_lines
from appliance.desk.pages.page import PageDesk
from appliance.desk.pages.sheet import ReadSheet
from papers.blank import MM, Blank, BoxMm, own_blanks
from papers.opening import Picture, open_picture
from papers.residual import compose
from papers.showable import RESIDUAL
from provisioning.demo.samples import Person, make_stack

pytestmark = pytest.mark.ocr

TODAY = date(2026, 11, 23)
FRONT, BACK, CARD, HEALTH = 0, 1, 2, 6
OWN = (FRONT, BACK, CARD, HEALTH)


class Fed:
    """A small stack, and a desk that knows the forms it was printed on and counts its searches for text."""

    def __init__(self, folder: Path) -> None:
        self.stack = make_stack(folder, seed=5, people=2, today=TODAY)
        self.desk = PageDesk(TODAY, own_blanks())
        self.searches = 0
        self.desk.open_models()
        find = self.desk._finder.find

        def counted(picture: Picture, side: int) -> object:
            self.searches += 1
            return find(picture, side)

        self.desk._finder.find = counted  # type: ignore[method-assign,assignment]  # counts and passes on
        self.sheet = cache(self._sheet)

    def _sheet(self, number: int, quarters: int = 0, *, deep: bool = True) -> tuple[ReadSheet, int]:
        data = self.stack.sheets[number].read_bytes()
        if quarters:
            data = jpeg(np.rot90(np.asarray(Image.open(io.BytesIO(data))), -quarters))
        before = self.searches
        return self.desk.read(data, lambda _: deep), self.searches - before

    def person(self, number: int) -> Person:
        """Tell whose sheet it is."""
        return [person for person in self.stack.people for _ in person.kinds][number]


def jpeg(pixels: Picture) -> bytes:
    """Write a picture."""
    out = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(out, "JPEG", quality=90)
    return out.getvalue()


def front() -> Blank:
    """Give the program's own form, front side."""
    return next(blank for blank in own_blanks() if blank.kind == "form_front")


def hidden_mm() -> BoxMm:
    """Give the place of the individual number."""
    return next(zone.box_mm for zone in front().zones if zone.type == "hidden")


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Fed:
    """Draw the stack once."""
    return Fed(tmp_path_factory.mktemp("stack"))


@pytest.mark.parametrize("number", OWN)
def test_text_is_not_searched(fed: Fed, number: int) -> None:
    """Where a page lies on its blank, its answers stand in known places; its kind is the blank's."""
    sheet, searches = fed.sheet(number)
    kinds = dict(
        zip(OWN, ("form_front", "form_back", "insurance_card", "medical_insurance"), strict=True)
    )
    assert (searches, sheet.kind) == (0, kinds[number])


@pytest.mark.parametrize("number", OWN)
def test_nothing_sure_is_wrong(fed: Fed, number: int) -> None:
    """Whatever is read with confidence is what was printed."""
    truth = fed.person(number).truth | {"reference": fed.person(number).reference}
    sheet, _ = fed.sheet(number)
    assert [
        reading
        for reading in sheet.fields
        if not reading.doubtful and truth.get(reading.key) != reading.value
    ] == []


@pytest.mark.parametrize(
    ("number", "keys"),
    [
        (FRONT, "insured_no birth_date sex postal_code phone prev_result prev_valid_to number"),
        (BACK, "survey.phone survey.attendee survey.place"),
        (CARD, "insured_no birth_date sex prev_result prev_valid_from prev_valid_to insurer_no"),
        (HEALTH, "birth_date medical_insurer_no number sex"),
    ],
)
def test_fields_are_right(fed: Fed, number: int, keys: str) -> None:
    """Numbers, dates and circles of a clean page are what was written."""
    truth, (sheet, _) = fed.person(number).truth, fed.sheet(number)
    read = {key: sheet.field(key) for key in keys.split()}
    assert {key: found and found.value for key, found in read.items()} == {
        key: truth[key] for key in keys.split()
    }


@pytest.mark.parametrize("number", OWN)
def test_the_first_look_is_what_was_added(fed: Fed, number: int) -> None:
    """It travels as a residual, which an office that knows the blank lays on it."""
    sheet, _ = fed.sheet(number)
    blanks = {bytes.fromhex(blank.sha256): blank for blank in own_blanks()}
    assert sheet.preview_type == RESIDUAL
    assert compose(sheet.preview, blanks).blank_known


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_turned_page_is_put_upright(fed: Fed, quarters: int) -> None:
    """Registration tells which way is up."""
    sheet, searches = fed.sheet(CARD, quarters)
    number = sheet.field("insured_no")
    assert (searches, sheet.rotation) == (0, (-90 * quarters) % 360)
    assert number is not None
    assert number.value == fed.person(CARD).truth["insured_no"]


@pytest.mark.parametrize("deep", [False, True])
def test_the_individual_number_is_hidden(fed: Fed, deep: bool) -> None:  # noqa: FBT001 - a parameter
    """Its place is painted over, light or deep."""
    sheet, _ = fed.sheet(FRONT, deep=deep)
    assert "individual_number_hidden" in [finding.code for finding in sheet.findings]
    picture = open_picture(fed.stack.sheets[FRONT].read_bytes())
    known = fed.desk._known(picture, wholly=deep)
    assert known is not None
    ((x, y, width, height),) = known.hidden
    assert (known.picture[y : y + height, x : x + width] == 150).all()
    inside = tuple(known.laid.box_px(hidden_mm()))
    assert (x, y) < inside[:2]
    assert (width, height) > inside[2:]


@pytest.mark.parametrize("deep", [False, True])
def test_a_number_beside_its_place_is_hidden_too(fed: Fed, deep: bool) -> None:  # noqa: FBT001 - a parameter
    """Written on white paper where the form asks for nothing: told, and painted over from end to end."""
    picture = open_picture(fed.stack.sheets[FRONT].read_bytes()).copy()
    height, width = picture.shape[:2]
    corner, size = (round(width * 0.45), round(height * 0.975)), width / 1700
    cv2.putText(picture, "3456-7890-1239", corner, 0, size, (40, 40, 60), 3, cv2.LINE_AA)
    known = fed.desk._known(picture, wholly=deep)
    assert known is not None
    assert known.elsewhere
    x, y, wide, high = known.hidden[-1]
    assert (known.picture[y : y + high, x : x + wide] == 150).all()
    assert (y > known.picture.shape[0] * 0.95, wide > 5 * high) == (True, True)


def test_nothing_beside_its_place_is_told_of_a_clean_page(fed: Fed) -> None:
    """What the city printed or stamped is no number of a person."""
    told = [finding.code for n in OWN for finding in fed.sheet(n)[0].findings]
    assert "individual_number_elsewhere" not in told


def test_light_reading_reads_no_fields(fed: Fed) -> None:
    """The due list knows the person; mask and first look come from the blank all the same."""
    sheet, searches = fed.sheet(FRONT, deep=False)
    assert (sheet.fields, searches, sheet.preview_type) == ((), 0, RESIDUAL)
    assert sheet.qr is not None


def test_an_original_is_of_a_page_searched_all_over(fed: Fed) -> None:
    """A second number may stand where no zone is: who asks for originals gets the page read by its labels."""
    before, data = fed.searches, fed.stack.sheets[HEALTH].read_bytes()
    assert fed.desk.read(data, lambda _: True, original=True).original != b""
    assert fed.searches > before


def test_a_page_of_no_blank_is_read_as_before(fed: Fed) -> None:
    """A desk that does not know the form reads it by its labels, to the same kind."""
    data = fed.stack.sheets[CARD].read_bytes()
    others = [blank for blank in own_blanks() if blank.kind != "insurance_card"]
    known, unknown = (PageDesk(TODAY, blanks).read(data, lambda _: True) for blanks in (others, ()))
    assert known == unknown
    assert known.kind == "insurance_card"


def test_lines_of_print_are_found_on_a_blank() -> None:
    """The gate judges sharpness by them."""
    lines = print_lines(front())
    assert len(lines) > 20
    assert all(0.5 < np.ptp(line[:, 1]) * MM / 200 < 12 for line in lines)

"""Rings, rules, squaring, masks, blankness: what is found by geometry alone."""

import cv2
import numpy as np
import pytest

from appliance.desk.pages.circles import ink_of, only_ring, option_of
from appliance.desk.pages.kind import kind_by_marks, kind_by_title
from appliance.desk.pages.labels import find_labels
from appliance.desk.pages.mask import GREY, boxes_to_hide, paint
from appliance.desk.pages.quality import is_blank, is_plain, picture_findings
from appliance.desk.pages.rings import near, ringed
from appliance.desk.pages.rules import Rules, find_rules
from appliance.desk.pages.straighten import straighten, turn, turn_quad
from appliance.desk.pages.upright import quarters_by_code
from tests.support.drawn_pages import paper, piece, with_ring, with_table

ROWS = tuple(range(100, 1300, 80))
COLUMNS = (100, 300, 600, 900)
WORDS = [piece("自宅", 200, 185), piece("医療機関", 400, 185), piece("施設", 700, 185)]


def choose(page_ring: tuple[tuple[int, int], tuple[int, int]] | None, end: int = 360) -> str:
    """Draw a ring and read the choice; empty when none is read."""
    page = paper()
    if page_ring:
        page = with_ring(page, *page_ring, end)
    choice = ringed([option_of(w.text, w) for w in WORDS], near(ink_of(page), 30), 30)
    return choice[0].code if choice else ""


def test_ringed_word_is_chosen() -> None:
    """A closed oval around a word chooses it."""
    assert choose(((456, 200), (66, 22))) == "医療機関"


def test_nothing_ringed_chooses_nothing() -> None:
    """Without a ring the field stays empty."""
    assert choose(None) == ""


def test_half_a_ring_chooses_nothing() -> None:
    """An open stroke may be anything."""
    assert choose(((456, 200), (66, 22)), end=200) == ""


def test_two_rings_choose_nothing() -> None:
    """Two ringed words are a question for the person."""
    page = with_ring(with_ring(paper(), (456, 200), (66, 22)), (228, 200), (36, 22))
    assert ringed([option_of(w.text, w) for w in WORDS], near(ink_of(page), 30), 30) is None


def test_one_ring_in_a_row_is_found() -> None:
    """Its middle is told."""
    ring = only_ring(ink_of(with_ring(paper(), (500, 200), (20, 20))), 300, 700, 200, 30)
    assert ring is not None
    assert abs(ring.x - 500) < 6


def test_two_rings_in_a_row_are_none() -> None:
    """A second ring makes the first unsure."""
    page = with_ring(with_ring(paper(), (500, 200), (20, 20)), (600, 200), (20, 20))
    assert only_ring(ink_of(page), 300, 700, 200, 30) is None


def test_rules_of_a_table() -> None:
    """Every drawn rule is found, and nothing else."""
    rules = find_rules(with_table(paper(), COLUMNS, ROWS))
    assert (len(rules.level), len(rules.plumb)) == (len(ROWS), len(COLUMNS))


def test_straighten_undoes_perspective() -> None:
    """After squaring, rules that leaned are level again."""
    page = with_table(paper(), COLUMNS, ROWS)
    corners = np.array([[0, 0], [1000, 0], [1000, 1400], [0, 1400]], np.float32)
    seen = np.array([[60, 40], [960, 90], [990, 1380], [10, 1330]], np.float32)
    photo = cv2.warpPerspective(
        page, cv2.getPerspectiveTransform(corners, seen), (1000, 1400), borderValue=(90, 90, 90)
    )
    flat = straighten(np.asarray(photo, np.uint8)).picture
    rules = find_rules(flat)
    assert len([r for r in rules.level if r.end - r.start > 600]) >= len(ROWS)


def test_straighten_leaves_a_page_without_lines() -> None:
    """Blank paper has no direction."""
    assert straighten(paper()).picture.shape == paper().shape


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_box_turns_with_its_page(quarters: int) -> None:
    """A marked corner is found again under the turned box."""
    page = paper(400, 300)
    page[20:40, 30:80] = 0
    quad = np.array([[30, 20], [80, 20], [80, 40], [30, 40]], np.float32)
    moved = turn_quad(quad, quarters, 400, 300)
    turned = turn(page, quarters)
    left, top = (int(v) for v in moved.min(axis=0))
    right, bottom = (int(v) for v in moved.max(axis=0))
    assert not turned[top:bottom, left:right].any()


@pytest.mark.parametrize(
    ("angle", "quarters"), [(0, 0), (3, 0), (90, 3), (180, 2), (-178, 2), (-90, 1)]
)
def test_code_angle_to_turns(angle: float, quarters: int) -> None:
    """A code that lies turned is put upright."""
    assert quarters_by_code(angle) == quarters


def test_individual_number_row_is_hidden_to_the_next_label() -> None:
    """The paint covers the digits and stops before the neighbour's label."""
    pieces = [piece("個人番号", 100, 100), piece("123456789018", 300, 100), piece("氏名", 800, 100)]
    found, _ = find_labels("form_front", pieces)
    boxes = boxes_to_hide(found, [], Rules((), ()), 1000, 1400)
    page = paint(paper(), boxes)
    row = page[115]
    assert (tuple(row[400]), tuple(row[790]), tuple(row[810])) == (GREY, GREY, (250, 250, 250))


def test_twelve_digits_anywhere_are_hidden() -> None:
    """A number written outside its box is painted as well."""
    boxes = boxes_to_hide([], [piece("123456789018", 300, 100)], Rules((), ()), 1000, 1400)
    assert tuple(paint(paper(), boxes)[115, 400]) == GREY


def test_eleven_digits_are_not_hidden() -> None:
    """A telephone number is not."""
    assert boxes_to_hide([], [piece("09060066333", 300, 100)], Rules((), ()), 1000, 1400) == []


def test_paint_leaves_the_original() -> None:
    """The given picture is not touched."""
    page = paper()
    paint(page, [(0, 0, 10, 10)])
    assert (page == 250).all()


def test_white_paper_is_blank() -> None:
    """Nothing written, nothing found."""
    assert is_blank(paper(), 0)


def test_empty_paper_is_plain() -> None:
    """A scanner's grain is no writing."""
    grain = np.random.default_rng(1).integers(-4, 5, (1400, 1000, 1))
    assert is_plain(np.clip(paper().astype(int) + grain, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("grey", [40, 215])
def test_one_short_stroke_is_not_plain(grey: int) -> None:
    """Neither in ink nor in pencil: then text is looked for."""
    page = paper()
    page[700:712, 500:503] = grey
    assert not is_plain(page)


def test_paper_with_text_boxes_is_not_blank() -> None:
    """Found writing counts even when it is faint."""
    assert not is_blank(paper(), 2)


def test_table_is_not_blank() -> None:
    """An empty form is no blank page."""
    assert not is_blank(with_table(paper(), COLUMNS, ROWS), 0)


def test_faint_writing_is_told() -> None:
    """Grey on grey gets the finding about contrast."""
    page = np.full((1400, 1000, 3), 200, np.uint8)
    page[300:310, 100:900] = 180
    assert [f.code for f in picture_findings(page, [])] == ["low_contrast"]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("介護保険　要介護認定・要支援認定　更新申請書", "form_front"),
        ("要介護認定・要支援認定等申請書（更新）", "form_front"),
        ("（裏面）", "form_back"),
        ("介護保険被保険者証", "insurance_card"),
        ("後期高齢者医療資格確認書", "medical_insurance"),
        ("主治医意見書", "physician_opinion"),
    ],
)
def test_title_tells_the_kind(title: str, kind: str) -> None:
    """Each kind is recognised by its title."""
    assert kind_by_title([piece(title, 100, 50)]) == kind


@pytest.mark.parametrize(
    "line",
    [
        "□介護保険被保険者証",
        "この申請書は、有効期間満了日の60日前から提出できます。介護保険被保険者証を添えて提出してください。",
        "主治医意見書は市から医療機関に依頼します。最近受診していない方は先に受診してください。",
        "資格確認",
        "",
    ],
)
def test_mention_is_no_title(line: str) -> None:
    """A form that names a card is not the card."""
    assert kind_by_title([piece(line, 100, 50)]) is None


def test_marks_tell_the_kind_without_title() -> None:
    """Three words only a certificate carries are enough."""
    words = ("交付年月日", "認定年月日", "給付制限", "住所")
    assert kind_by_marks([piece(word, 100, 50) for word in words]) == "insurance_card"


def test_few_marks_tell_nothing() -> None:
    """Two are not."""
    assert kind_by_marks([piece(word, 100, 50) for word in ("交付年月日", "給付制限")]) is None

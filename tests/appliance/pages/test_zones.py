"""On a page that lies on its blank only what was added is read, place by place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import cv2
import numpy as np
import pytest

from appliance.desk.pages.ocr import Letter, Line
from appliance.desk.pages.sheet import FieldReading
from appliance.desk.pages.zones import hidden_boxes, read_zones
from papers.blank import Blank, Zone
from papers.opening import Picture
from papers.register import Registered
from papers.windows import Windows

PAGE_MM = (210.0, 297.0)
TODAY = date(2026, 11, 23)
DOT = 200 / 25.4
ALL = np.ones((60, 60), np.bool_)
ZONES = (
    Zone("insured_no", "insured_no", (20, 20, 60, 8), "boxes"),
    Zone("phone", "phone", (20, 40, 60, 8)),
    Zone("individual_no", "hidden", (20, 60, 60, 8), "boxes"),
    Zone("sex", "is:1", (20, 80, 6, 5), "circle"),
    Zone("sex", "is:2", (40, 80, 6, 5), "circle"),
    Zone("consent_disclosure", "is:yes", (20, 100, 4, 4), "tick"),
    Zone("consent_disclosure", "is:no", (40, 100, 4, 4), "tick"),
)


class Reader:
    """Plays an engine: gives one text for every picture, and remembers their sizes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.seen: list[tuple[int, ...]] = []

    def read(self, crop: Picture) -> Line:
        """Read it."""
        self.seen.append(crop.shape)
        count = len(self.text)
        return Line(tuple(Letter(t, 0.99, (i + 0.5) / count) for i, t in enumerate(self.text)))


def px(*mm: float) -> list[int]:
    """Turn millimetres into pixels."""
    return [round(v * DOT) for v in mm]


def printed() -> Picture:
    """Print the form: ten boxes, two words, two squares."""
    page = np.full((2339, 1654), 255, np.uint8)
    for x in np.linspace(20, 80, 11):
        cv2.line(page, px(x, 20), px(x, 28), (0,), 2)
    for x, y in ((20, 80), (40, 80)):
        cv2.putText(page, "W", px(x + 1, y + 4.5), 0, 1.0, (60,), 2)
    for x, y in ((20, 100), (40, 100)):
        cv2.rectangle(page, px(x, y), px(x + 4, y + 4), (60,), 2)
    return page


def read(
    page: Picture, first: str, second: str = "", found: "np.typing.NDArray[np.bool_]" = ALL
) -> dict[str, FieldReading]:
    """Read a page that lies exactly on the form."""
    return {r.key: r for r in readings(page, [Reader(first), Reader(second or first)], found)}


def readings(
    page: Picture, readers: Sequence[Reader], found: "np.typing.NDArray[np.bool_]" = ALL
) -> tuple[FieldReading, ...]:
    """Read with these two engines."""
    return read_zones(registered(page, found), readers[0], TODAY, readers[1])


def registered(page: Picture, found: "np.typing.NDArray[np.bool_]" = ALL) -> Registered:
    """Say that a page lies on the form."""
    blank = Blank("drawn", "form_front", PAGE_MM, printed(), "", ZONES)
    colour = np.repeat(page[:, :, None], 3, axis=2)
    return Registered(blank, np.eye(3), 200, colour, 200, Windows(ALL, found))


def written(page: Picture, x: float, y: float, text: str = "0012345678") -> Picture:
    """Write into a page; lower left corner in millimetres."""
    done = page.copy()
    cv2.putText(done, text, px(x, y), 0, 1.2, (30,), 3)
    return done


def test_an_empty_form_gives_nothing_and_is_not_read() -> None:
    """The print itself is never taken for an answer."""
    engines = [Reader("0012345678"), Reader("0012345678")]
    assert readings(printed(), engines) == ()
    assert engines[0].seen == []


def test_what_is_written_is_read() -> None:
    """Two engines that read the same number are sure."""
    found = read(written(printed(), 22, 47), "019-651-0000")
    assert (found["phone"].value, found["phone"].doubtful) == ("019-651-0000", False)
    x, y, _, height = found["phone"].box or (0, 0, 0, 0)
    assert 19 * DOT < x < 22 * DOT
    assert 39 * DOT < y < y + height < 50 * DOT


def test_engines_that_differ_are_doubted() -> None:
    """One other digit is enough."""
    assert read(written(printed(), 22, 47), "019-651-0000", "019-651-0008")["phone"].doubtful


def test_where_the_print_was_not_found_again_nothing_is_sure() -> None:
    """A number under a finger, or on another version of the form, waits for an eye."""
    page = written(printed(), 22, 47)
    assert read(page, "019-651-0000", found=np.zeros_like(ALL))["phone"].doubtful


def test_boxes_are_read_without_their_walls() -> None:
    """Ten digits in ten boxes are put close together for the engine."""
    page = printed()
    for i, digit in enumerate("0012345678"):
        page = written(page, 21.5 + 6 * i, 27, digit)
    engine = Reader("0012345678")
    assert [r.value for r in readings(page, [engine, engine])] == ["0012345678"]
    assert engine.seen[0][1] < 0.8 * 60 * DOT


def test_the_individual_number_is_never_read() -> None:
    """Its zone is painted over with a margin, and no engine sees it."""
    page = written(printed(), 22, 67, "123456789012")
    engine = Reader("123456789012")
    assert readings(page, [engine, engine]) == ()
    ((x, y, width, height),) = hidden_boxes(registered(page))
    assert (x, y) == tuple(px(19, 59))
    assert width >= round(62 * DOT) - 1
    assert height >= round(10 * DOT) - 1


@pytest.mark.parametrize(("rings", "value"), [((20,), "1"), ((40,), "2"), ((), ""), ((20, 40), "")])
def test_the_one_ringed_word(rings: tuple[int, ...], value: str) -> None:
    """A ring about one word is an answer; none or two are not."""
    page = printed()
    for x in rings:
        cv2.ellipse(page, px(x + 3, 82.5), px(4.2, 3.8), 0, 0, 360, (30,), 3)
    found = read(page, "x").get("sex")
    assert (found.value if found else "") == value


@pytest.mark.parametrize(("ticks", "value"), [((20,), "yes"), ((40,), "no"), ((20, 40), "")])
def test_the_one_marked_square(ticks: tuple[int, ...], value: str) -> None:
    """A mark in one square is an answer; in both it is not."""
    page = printed()
    for x in ticks:
        cv2.line(page, px(x + 1, 102), px(x + 2, 103), (30,), 4)
        cv2.line(page, px(x + 2, 103), px(x + 4, 99.5), (30,), 4)
    found = read(page, "x").get("consent_disclosure")
    assert (found.value if found else "") == value


def test_an_impossible_day_is_doubted() -> None:
    """Both engines may agree on a day nobody's certification ends."""
    page = written(printed(), 22, 47)
    zone = Zone("prev_valid_to", "date", (20, 40, 60, 8))
    lying = registered(page)
    lying = replace(lying, blank=replace(lying.blank, zones=(zone,)))
    engine = Reader("令和8年4月3日")
    (found,) = read_zones(lying, engine, TODAY)
    assert (found.value, found.doubtful) == ("2026-04-03", True)

"""The word with a line around it is found among small print, also where some words were misread."""

from appliance.desk.pages import strokes
from appliance.desk.pages.circles import Option, ink_of
from appliance.desk.pages.spelled import choices_in
from tests.support.drawn_pages import paper, piece, with_ring, with_table

OPTIONS = [Option(code, x, 300, 80, 15) for code, x in (("one", 200), ("two", 400), ("three", 600))]
SPELLED = {
    "地域包括支援センター": "community",
    "居宅介護支援事業者": "homecare",
    "要介護1": "21",
    "要介護2": "22",
}


def test_the_word_with_a_line_around_it_is_chosen() -> None:
    """The line is as wide as its word and hangs together."""
    ink = ink_of(with_ring(paper(), (405, 302), (88, 14)))
    assert strokes.surrounded(OPTIONS, ink) == OPTIONS[1]


def test_two_lines_choose_nothing() -> None:
    """A second ring leaves the question open."""
    page = with_ring(with_ring(paper(), (405, 302), (88, 14)), (600, 300), (85, 14))
    assert strokes.surrounded(OPTIONS, ink_of(page)) is None


def test_the_rules_of_a_cell_are_no_ring() -> None:
    """A table's lines hang together, too, but are straight and longer."""
    page = with_table(paper(), (100, 900), (280, 320))
    assert strokes.surrounded(OPTIONS, ink_of(page)) is None


def test_a_misread_word_of_a_list_is_guessed() -> None:
    """The ring through it spoiled some signs; it is told that it was guessed."""
    found, guessed = choices_in(piece("地域包括支援七ンダ、居宅介護支援事業者", 50, 100), SPELLED)
    assert ({code for code, _ in found}, guessed) == ({"community", "homecare"}, {"community"})


def test_a_number_is_never_guessed() -> None:
    """Levels of care differ in nothing else."""
    found, _ = choices_in(piece("要介護1 要介護9", 50, 100), SPELLED)
    assert [code for code, _ in found] == ["21"]

from dataclasses import replace

import pytest

from cityhall.mail.models import PartState
from cityhall.office.dossier import OpenedVersion, assemble, leaves
from sync.envelope import PartRole
from sync.record import Answer, Record
from tests.support.makers import make_id, make_record
from tests.support.office_world import Page, a_defect, sheet_note


def parts(pages: int, *, here: int | None = None) -> tuple[PartState, ...]:
    """Return previews first, then pages, as the desk seals them; the first `here` have arrived."""
    roles = [PartRole.PREVIEW] * pages + [PartRole.PAGE] * pages
    arrived = len(roles) if here is None else here
    return tuple(PartState(n, role, 100, n < arrived) for n, role in enumerate(roles))


def version(n: int, pages: int, answers: list[Answer] | None = None) -> OpenedVersion:
    """Return opened version number n with this many sheets."""
    sheets = tuple(sheet_note(place, Page(page=bytes([n, place]))) for place in range(pages))
    record: Record = make_record(0, answers=answers or [Answer("name", "甲", "qr")])
    return OpenedVersion(make_id(n), n, replace(record, sheets=sheets), parts(pages))


def test_sheets_are_numbered_through_all_versions() -> None:
    """The page of a supplement has its own number in the case."""
    found = assemble([version(1, 2), version(2, 1)]).sheets
    assert [(sheet.leaf.number, sheet.version) for sheet in found] == [(0, 1), (1, 1), (2, 2)]


def test_the_nth_preview_and_page_belong_to_the_nth_sheet() -> None:
    """Previews sealed first and pages after them find each other."""
    found = leaves([(make_id(1), parts(2))])
    assert [
        (leaf.preview.index, leaf.page.index) for leaf in found if leaf.preview and leaf.page
    ] == [
        (0, 2),
        (1, 3),
    ]


def test_alternating_parts_find_each_other_too() -> None:
    """The order of the parts does not matter, only the order within a role."""
    mixed = tuple(
        PartState(n, PartRole.PREVIEW if n % 2 == 0 else PartRole.PAGE, 1, arrived=True)
        for n in range(4)
    )
    found = leaves([(make_id(1), mixed)])
    assert [
        (leaf.preview.index, leaf.page.index) for leaf in found if leaf.preview and leaf.page
    ] == [
        (0, 1),
        (2, 3),
    ]


def test_what_has_arrived_is_known_sheet_by_sheet() -> None:
    """Both previews and one page are here."""
    found = leaves([(make_id(1), parts(2, here=3))])
    assert [(leaf.preview_here, leaf.page_here) for leaf in found] == [(True, True), (True, False)]


def test_the_newest_answer_stands_and_the_older_is_remembered() -> None:
    """A corrected field shows what it was before."""
    first = version(1, 1, [Answer("name", "甲", "ocr"), Answer("phone", "1", "ocr")])
    second = version(2, 1, [Answer("name", "乙", "typed")])
    rows = {row.answer.key: row for row in assemble([first, second]).fields}
    assert (rows["name"].answer.value, rows["name"].before) == ("乙", "甲")
    assert (rows["phone"].answer.value, rows["phone"].before) == ("1", None)


@pytest.mark.parametrize(
    ("confidence", "doubtful"), [(None, False), (0.79, True), (0.8, False), (1.0, False)]
)
def test_a_weak_reading_is_doubtful(confidence: float | None, doubtful: bool) -> None:  # noqa: FBT001 - a table's cell
    """Below the named border the cell is highlighted."""
    found = assemble([version(1, 1, [Answer("name", "甲", "ocr", confidence)])])
    assert found.fields[0].doubtful is doubtful


def test_a_defect_makes_its_field_doubtful() -> None:
    """The caseworker's eye goes where the desk saw something."""
    one = version(1, 1, [Answer("name", "甲", "qr"), Answer("physician.name", "", "qr")])
    one = replace(one, record=replace(one.record, defects=(a_defect("physician.name"),)))
    assert [row.doubtful for row in assemble([one]).fields] == [False, True]


def test_the_newest_versions_defects_count() -> None:
    """What the supplement mended is mended."""
    first = version(1, 1)
    first = replace(first, record=replace(first.record, defects=(a_defect(),)))
    later = version(2, 1, [Answer("physician.name", "乙", "typed")])
    assert assemble([first, later]).defects == ()


def test_a_record_with_fewer_notes_than_pictures_shows_only_what_it_names() -> None:
    """A picture no record speaks of is not shown."""
    odd = replace(version(1, 2), parts=parts(3))
    assert len(assemble([odd]).sheets) == 2


def test_without_any_version_there_is_no_dossier() -> None:
    """Calling it with nothing is our own mistake."""
    with pytest.raises(ValueError, match="at least one version"):
        assemble([])


def test_a_correction_mends_what_it_brings_and_no_more() -> None:
    """The missing back came; that the physician is unnamed is still so."""
    first = version(1, 1)
    named = (a_defect("form_back"), a_defect("physician.name"))
    back = sheet_note(0, Page("form_back"))
    later = version(2, 1)
    found = assemble(
        [
            replace(first, record=replace(first.record, defects=named)),
            replace(later, record=replace(later.record, sheets=(back,))),
        ]
    )
    assert [defect.field for defect in found.defects] == ["physician.name"]

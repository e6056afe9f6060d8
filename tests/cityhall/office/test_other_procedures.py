"""Any procedure's case on the caseworker's screen: every answer and note in the words of its own form."""

import re
from dataclasses import replace

import pytest

from cityhall.office.web.views import clocks_of
from procedures.definition import load
from procedures.marks import DEPARTMENT, note_key, paper_key, task_key
from sync.record import Answer
from tests.support.good_cases import GOOD
from tests.support.makers import make_id, make_record
from tests.support.office_world import OfficeWorld, Page


def hand_in(world: OfficeWorld, name: str) -> str:
    """Let a complete case with the desk's notes arrive, and return its id."""
    form = load(name)
    notes = {DEPARTMENT: form.departments[0], note_key(form, form.departments[0]): "次回は午後に"}
    notes |= {task_key(task.id): "pending" for task in form.tasks}
    notes |= {paper_key(document.id): "seen" for document in form.documents}
    told = [Answer(key, value, "typed") for key, value in (GOOD[name] | notes).items()]
    record = replace(
        make_record(0, answers=told), procedure=form.id, procedure_version=form.version
    )
    world.hand_in(record=record, pages=[Page(form.documents[0].id)])
    world.arrivals.take_all()
    return make_id(0).hex()


@pytest.mark.parametrize("name", sorted(GOOD))
async def test_shows_any_form_in_its_own_words(world: OfficeWorld, name: str) -> None:
    """No key stands bare; and only a form with a window has a last day, for nobody misses what a form has not."""
    form, case = load(name), hand_in(world, name)
    async with world.browser() as client, client.get(f"/cases/{case}") as answer:
        html = await answer.text()
        assert answer.status == 200
    labels = [re.sub(r"\s+", " ", one) for one in re.findall(r'<th scope="row">([^<]*)</th>', html)]
    assert [one for one in labels if re.fullmatch(r"[a-z_.#0-9]+", one)] == []
    assert {form.field(key).label_of(key).ja for key in GOOD[name]} <= set(labels)
    assert {task.label.ja for task in form.tasks} <= set(labels)
    assert "提示を確認した" in html
    assert form.documents[0].label.ja in html
    assert GOOD[name].get(form.subject.name, "") in html
    assert "担当課" in labels
    row = world.casework.entry(case).case
    assert (row.name, row.department) == (GOOD[name][form.subject.name], form.departments[0])
    last = GOOD[name][form.window.anchor] if form.window else None
    assert (row.expiry.isoformat() if row.expiry else None) == last
    clocks = clocks_of(row, row.filing_day)
    assert (clocks.expires, clocks.decides) == (last is not None, False)


def test_care_is_decided_within_thirty_days(world: OfficeWorld) -> None:
    """Its form says so; the day after filing is the first."""
    row = world.casework.entry(world.case()).case
    clocks = clocks_of(row, row.filing_day)
    assert (clocks.decides, clocks.expires, clocks.decision_days) == (True, True, 30)

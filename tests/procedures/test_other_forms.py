"""The other seven forms: each check seen speaking, each required paper seen missing, tasks by department."""

from collections.abc import Mapping
from datetime import date

import pytest

from procedures.checks import Facts, examine
from procedures.definition import load
from tests.support.good_cases import GOOD

FILED = date(2026, 8, 25)

SECOND_RECEIPT = {
    f"receipt.{key}#2": GOOD["medical-benefit"][f"receipt.{key}"]
    for key in ("month", "clinic", "kind", "points", "paid")
}


def needed_pages(name: str, answers: Mapping[str, str]) -> frozenset[str]:
    """Return one page kind for each paper this case must come with."""
    return frozenset(
        document.any_of[0] for document in load(name).documents if document.needed(answers)
    )


def look(
    name: str, changes: Mapping[str, str] | None = None, *, filed: date = FILED
) -> list[tuple[str, str, str]]:
    """Examine a good case of a form with some answers changed and every needed paper there."""
    answers = GOOD[name] | dict(changes or {})
    facts = Facts(answers, filed, "032011", page_kinds=needed_pages(name, answers))
    return [(found.check, found.field, found.severity) for found in examine(load(name), facts)]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_good_case(name: str) -> None:
    """A complete case of each form is silent."""
    assert look(name) == []


@pytest.mark.parametrize("name", sorted(GOOD))
def test_good_values_are_canonical(name: str) -> None:
    """The values of the good cases are written as the form writes them."""
    form = load(name)
    assert {key: form.field(key).normalise(value) for key, value in GOOD[name].items()} == GOOD[
        name
    ]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_required_answer_is_missed(name: str) -> None:
    """Each answer that a case needs is missed when it is taken away."""
    for field in load(name).fields:
        if field.needed(GOOD[name]):
            assert field.key in [key for _, key, _ in look(name, {field.key: ""})]


@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_needed_paper_is_missed(name: str) -> None:
    """Each paper that a case needs is missed when the tray is empty."""
    facts = Facts(GOOD[name], FILED, "032011")
    missed = {
        found.field for found in examine(load(name), facts) if found.check == "document_missing"
    }
    assert missed == {
        document.id for document in load(name).documents if document.needed(GOOD[name])
    }


@pytest.mark.parametrize(
    ("name", "changes", "found"),
    [
        ("moving-out", {"move_date": "2026-08-10"}, ("late", "move_date", "warn")),
        ("moving-out", {"move_date": "2026-09-01"}, ("planned", "move_date", "info")),
        ("moving-out", {"abroad": "yes"}, ("field_missing", "new.country", "block")),
        (
            "health-insurance",
            {"loss_date": "2026-08-01"},
            ("retroactive_premium", "loss_date", "info"),
        ),
        (
            "health-insurance",
            {"explained_options": "no"},
            ("options_not_explained", "explained_options", "warn"),
        ),
        (
            "health-insurance",
            {"individual_no": "123456789018"},
            ("number_unwanted", "individual_no", "warn"),
        ),
        (
            "medical-benefit",
            {"oldest_receipt": "2021-08-24"},
            ("too_old", "oldest_receipt", "warn"),
        ),
        (
            "medical-benefit",
            {"oldest_receipt": "2026-08-26"},
            ("receipt_in_future", "oldest_receipt", "block"),
        ),
        (
            "medical-benefit",
            SECOND_RECEIPT | {"receipt.paid#2": "千円"},
            ("field_invalid", "receipt.paid#2", "block"),
        ),
        (
            "medical-benefit",
            SECOND_RECEIPT | {"receipt.points#2": ""},
            ("field_missing", "receipt.points#2", "warn"),
        ),
        ("nursery", {"wish.start": "2026-09"}, ("too_late_for_month", "wish.start", "warn")),
        (
            "nursery",
            {"child.birth_date": "2026-12-01"},
            ("child_not_born", "child.birth_date", "info"),
        ),
        ("nursery", {"guardian2.name": "髙橋　花"}, ("same_guardian", "guardian1.name", "warn")),
        (
            "nursery",
            {"individual_no": "123456789018"},
            ("number_unwanted", "individual_no", "warn"),
        ),
        (
            "nursery",
            {"wish.facilities": "い園\nい園"},
            ("field_invalid", "wish.facilities", "block"),
        ),
        (
            "water-contractor",
            {"designation.expiry": "2026-12-31"},
            ("before_window", "designation.expiry", "block"),
        ),
        (
            "water-contractor",
            {"designation.expiry": "2026-08-24"},
            ("lapsed", "designation.expiry", "block"),
        ),
        (
            "water-contractor",
            {"register_date": "2026-05-24"},
            ("extract_too_old", "register_date", "warn"),
        ),
        ("water-contractor", {"oath_names": "髙橋　花"}, ("oath_incomplete", "oath_names", "warn")),
        (
            "water-contractor",
            {"corporate_no": "1000012050002"},
            ("field_invalid", "corporate_no", "block"),
        ),
        (
            "building-preconsultation",
            {"road.kind": "unknown"},
            ("road_unknown", "road.kind", "info"),
        ),
        (
            "building-preconsultation",
            {"minutes.text": "回答", "minutes.city": "yes", "minutes.asker": "no"},
            ("asker_disagrees", "minutes.asker", "warn"),
        ),
        (
            "building-preconsultation",
            {"outcome": "need_survey", "question.answer_by": "2026-09-01"},
            ("wish_too_soon", "question.answer_by", "info"),
        ),
        (
            "bereavement",
            {"deceased.death_date": "2026-08-26"},
            ("death_in_future", "deceased.death_date", "block"),
        ),
        (
            "bereavement",
            {"deceased.birth_date": "2026-08-11"},
            ("death_before_birth", "deceased.birth_date", "block"),
        ),
        (
            "bereavement",
            {"funeral.date": "2024-08-24"},
            ("funeral_benefit_lapsed", "funeral.date", "warn"),
        ),
    ],
)
def test_check_speaks(name: str, changes: dict[str, str], found: tuple[str, str, str]) -> None:
    """Each check of each form speaks of the one thing that was spoiled."""
    assert look(name, changes) == [found]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("moving-out", {"move_date": "2026-08-10", "late_reason": "入院していた"}),
        ("moving-out", {"move_date": "2026-08-11"}),
        ("moving-out", {"abroad": "yes", "new.country": "カナダ", "new.address": ""}),
        (
            "health-insurance",
            {"reason": "birth", "loss_date": "", "explained_options": ""},
        ),
        ("nursery", {"single_parent": "yes", "guardian2.name": "", "guardian2.reason": ""}),
        (
            "nursery",
            {"wish.start": "2026-09", "child.name": "髙橋　翔"} | {"wish.start": "2026-11"},
        ),
        (
            "water-contractor",
            {"company.kind": "sole", "corporate_no": "", "officers": "", "register_date": ""},
        ),
        ("water-contractor", {"register_date": "2026-05-25"}),
        ("bereavement", {"was_householder": "no", "remaining": "", "new_householder": ""}),
        (
            "bereavement",
            {
                "insurance": "employer",
                "funeral.host": "",
                "funeral.date": "",
                "funeral.account": "",
            },
        ),
    ],
)
def test_check_is_silent(name: str, changes: dict[str, str]) -> None:
    """What another good case may say is no deficiency."""
    assert look(name, changes) == []


@pytest.mark.parametrize(
    ("reason", "paper"),
    [
        ("work", "work_certificate_1"),
        ("own_business", "self_employed_1"),
        ("childbirth", "mother_child_book"),
        ("illness", "medical_certificate_1"),
        ("care", "care_statement_1"),
        ("study", "enrolment_certificate_1"),
    ],
)
def test_nursery_reason_brings_its_paper(reason: str, paper: str) -> None:
    """Each reason for needing a nursery has its proof."""
    assert paper in needed_pages("nursery", GOOD["nursery"] | {"guardian1.reason": reason})
    assert paper not in needed_pages("nursery", GOOD["nursery"])


@pytest.mark.parametrize(
    ("changes", "tasks"),
    [
        ({}, ["moving_certificate"]),
        ({"card_holder": "yes"}, ["special_moving_out"]),
        ({"abroad": "yes"}, []),
        ({"care_certified": "yes"}, ["moving_certificate", "care_qualification"]),
        (
            {"insured": "yes", "child_allowance": "yes"},
            ["moving_certificate", "insurance_loss", "allowance_end"],
        ),
    ],
)
def test_moving_out_tasks(changes: dict[str, str], tasks: list[str]) -> None:
    """The tasks beside a move follow from the answers."""
    found = load("moving-out").tasks_for(GOOD["moving-out"] | changes)
    assert [task.id for task in found] == tasks


def test_bereavement_tasks_by_department() -> None:
    """One questionnaire fills the queue of each department."""
    queue: dict[str, list[str]] = {}
    for task in load("bereavement").tasks_for(GOOD["bereavement"]):
        queue.setdefault(task.department, []).append(task.id)
    assert queue == {
        "市民登録課": ["householder", "certificates", "seal", "care_referral"],
        "健康保険課": ["loss_of_qualification", "funeral_benefit"],
        "医療助成年金課": ["pension"],
        "市民税課": ["vehicle"],
    }


@pytest.mark.parametrize("remaining", ["0", "1"])
def test_no_new_householder_needs_filing(remaining: str) -> None:
    """If at most one person remains, the householder changes by itself."""
    tasks = load("bereavement").tasks_for(GOOD["bereavement"] | {"remaining": remaining})
    assert "householder" not in [task.id for task in tasks]

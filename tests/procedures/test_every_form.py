"""What holds for each shipped form, whatever it is about."""

import re
from collections.abc import Iterator

import pytest

from procedures.codes import SHARED
from procedures.definition import Procedure, load, names
from procedures.text import to_cp932
from procedures.words import Words

SHIPPED = names()


def all_words(form: Procedure) -> Iterator[Words]:
    """Yield every sentence and label of a form."""
    yield form.title
    yield from form.sections.values()
    yield from form.texts.values()
    for field in form.fields:
        yield field.label
        if field.hint:
            yield field.hint
        for choice in field.choices:
            yield Words(choice.ja, choice.en)
    for document in form.documents:
        yield document.label
        if document.remedy:
            yield document.remedy
    for check in form.checks:
        yield check.sentence
        yield check.remedy
    for task in form.tasks:
        yield task.label


@pytest.mark.parametrize("name", SHIPPED)
def test_never_refuses(name: str) -> None:
    """No screen of ours says 不受理 or 受理: reception is not a decision."""
    for words in all_words(load(name)):
        assert "受理" not in words.ja


@pytest.mark.parametrize("name", SHIPPED)
def test_japanese_is_japanese(name: str) -> None:
    """Every Japanese side has a Japanese sign, and every sentence ends."""
    form = load(name)
    for words in all_words(form):
        assert re.search(r"[ぁ-んァ-ヶ一-龠々]", words.ja)
    for check in form.checks:
        assert check.sentence.ja.endswith("。")
        assert check.remedy.ja.endswith("。")


@pytest.mark.parametrize("name", SHIPPED)
def test_english_sentences_end(name: str) -> None:
    """English sentences end with a full stop or a question mark."""
    for check in load(name).checks:
        assert check.sentence.en[-1] in ".?"
        assert check.remedy.en[-1] in ".?"


@pytest.mark.parametrize("name", SHIPPED)
def test_words_can_be_printed_anywhere(name: str) -> None:
    """Our own words hold no sign that an old system could not take."""
    for words in all_words(load(name)):
        assert to_cp932(words.ja)[1] == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_labels_stand_once(name: str) -> None:
    """No two questions of a form have the same label."""
    form = load(name)
    for labels in (
        [field.label.ja for field in form.fields],
        [field.label.en for field in form.fields],
    ):
        assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("name", SHIPPED)
def test_sections_are_used_and_together(name: str) -> None:
    """Each section has questions, and they stand side by side."""
    form = load(name)
    runs = [
        field.section
        for index, field in enumerate(form.fields)
        if index == 0 or form.fields[index - 1].section != field.section
    ]
    assert sorted(runs) == sorted(form.sections)


@pytest.mark.parametrize("name", SHIPPED)
def test_own_code_lists_are_used(name: str) -> None:
    """A code list of a form's own serves one of its questions."""
    form = load(name)
    used = {field.type.removeprefix("code:") for field in form.fields if field.choices}
    own = {kind for kind in used if kind not in SHARED}
    assert all(field.choices for field in form.fields if field.type.startswith("code:"))
    assert own <= used


@pytest.mark.parametrize("name", SHIPPED)
def test_departments_have_work(name: str) -> None:
    """A form with tasks gives at least one to each of its departments."""
    form = load(name)
    if form.tasks:
        assert {task.department for task in form.tasks} == set(form.departments)


@pytest.mark.parametrize("name", SHIPPED)
def test_blocks_can_be_mended(name: str) -> None:
    """What blocks can be mended by the bus or the provider, never by waiting for the city alone."""
    for check in load(name).checks:
        if check.severity == "block":
            assert check.mend in {"bus", "provider"}


@pytest.mark.parametrize("name", SHIPPED)
def test_retention_is_short(name: str) -> None:
    """The box keeps nothing longer than 72 hours after confirmation, and a week at most."""
    retention = load(name).retention
    assert retention.edge_grace_h <= 72
    assert retention.edge_hard_cap_d <= 7


@pytest.mark.parametrize("name", SHIPPED)
def test_individual_number_is_off(name: str) -> None:
    """As shipped, no form collects individual numbers."""
    assert load(name).identity.individual_no == "off"


@pytest.mark.parametrize("name", SHIPPED)
def test_form_with_number_says_it_is_unwanted(name: str) -> None:
    """A form with a place for the individual number tells that it is not collected."""
    form = load(name)
    with_number = [field.key for field in form.fields if field.type == "individual_no"]
    unwanted = [check.field for check in form.checks if check.rule == "number_unwanted"]
    assert with_number == unwanted


@pytest.mark.parametrize("name", SHIPPED)
def test_required_if_is_not_required(name: str) -> None:
    """A question is required always or in some cases, not both."""
    for field in load(name).fields:
        assert not (field.required and field.required_if)


def test_patterns_of_the_trial() -> None:
    """The four patterns of the trial are all there."""
    found = {name: load(name).pattern for name in SHIPPED}
    assert found == {
        "bereavement": "one_stop",
        "building-preconsultation": "business_remote",
        "care-renewal": "batch_mobile",
        "medical-benefit": "one_to_one",
        "moving-out": "one_to_one",
        "health-insurance": "one_to_one",
        "nursery": "one_to_one",
        "water-contractor": "business_remote",
    }


def test_departments_of_the_trial() -> None:
    """The nine departments of the trial take part."""
    departments = {department for name in SHIPPED for department in load(name).departments}
    assert departments == {
        "介護保険課",
        "健康保険課",
        "医療助成年金課",
        "子育てあんしん課",
        "市民登録課",
        "市民税課",
        "建築指導課",
        "納税課",
        "給排水課",
    }

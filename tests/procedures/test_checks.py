"""Examining: missing, wrong and doubtful answers, missing papers, the order and the words of findings."""

import pytest

from procedures.checks import READ_AGAIN_BELOW, Facts, Finding, examine
from procedures.procedure import Procedure
from tests.support.forms import FILED, named, renewal, small

GOOD = {"name": "花", "ends": "2026-09-30"}


def find(
    answers: dict[str, str], *, form: Procedure | None = None, **confidence: float
) -> tuple[Finding, ...]:
    """Examine answers to the small form, with its paper there."""
    facts = Facts(answers, FILED, "032011", page_kinds=frozenset({"paper"}), confidence=confidence)
    return examine(form or small(), facts)


def test_clean_has_no_findings() -> None:
    """A complete case is silent."""
    assert find(GOOD) == ()


def test_missing_field() -> None:
    """A required answer that is missing is named with its label in both languages."""
    (finding,) = find({"ends": "2026-09-30"})
    assert (finding.check, finding.severity, finding.field) == ("field_missing", "block", "name")
    assert finding.sentence_ja == "氏名が書かれていません。"
    assert finding.sentence_en == "name is missing."
    assert finding.mend == "provider"


def test_missing_severity_is_the_form_s() -> None:
    """How grave a missing answer is stands in the form."""
    form = small('missing = "warn"', 'required = true, missing = "warn", mend = "bus"')
    assert named(find(GOOD, form=form)) == [("field_missing", "colour", "warn")]


def test_optional_field_may_be_empty() -> None:
    """What is not required is not missed."""
    assert find(GOOD | {"colour": "", "child": ""}) == ()


def test_wrong_value() -> None:
    """A value against its type blocks and can be mended at the desk."""
    (finding,) = find(GOOD | {"colour": "緑"})
    assert (finding.check, finding.severity, finding.field, finding.mend) == (
        "field_invalid",
        "block",
        "colour",
        "bus",
    )
    assert "選べる" in finding.sentence_ja


def test_wrong_value_is_not_missing_too() -> None:
    """A wrong answer is one finding, not two."""
    assert [finding.check for finding in find({"name": "花", "ends": "未定"})] == ["field_invalid"]


def test_repeated_answers_are_examined() -> None:
    """Each answer of a list is examined under its own key."""
    assert named(find(GOOD | {"child": "一", "child#2": "あ" * 201})) == [
        ("field_invalid", "child#2", "block")
    ]


def test_repeats_beyond_the_limit_are_not_read() -> None:
    """Answers beyond the form's number are not the form's."""
    assert find(GOOD | {"child#4": "あ" * 201}) == ()


@pytest.mark.parametrize(
    ("confidence", "found"),
    [
        (READ_AGAIN_BELOW - 0.01, ["read_again"]),
        (READ_AGAIN_BELOW, []),
        (1.0, []),
        (0.0, ["read_again"]),
    ],
)
def test_doubtful_reading(confidence: float, found: list[str]) -> None:
    """A machine's doubt is never silent."""
    assert [finding.check for finding in find(GOOD, name=confidence)] == found


def test_doubt_about_nothing_is_silent() -> None:
    """An empty answer is not read again."""
    assert find(GOOD | {"colour": ""}, colour=0.1) == ()


def test_wrong_is_told_before_doubt() -> None:
    """A wrong value that was also read with doubt is called wrong."""
    assert [finding.check for finding in find(GOOD | {"colour": "緑"}, colour=0.1)] == [
        "field_invalid"
    ]


def test_missing_document() -> None:
    """A paper that is not there is named by its label."""
    (finding,) = examine(small(), Facts(GOOD, FILED, "032011"))
    assert (finding.check, finding.field, finding.severity) == (
        "document_missing",
        "paper",
        "block",
    )
    assert finding.sentence_ja == "届出書がありません。"
    assert "次の訪問" in finding.remedy_ja


def test_document_has_its_own_remedy() -> None:
    """A form may say what to do about its own paper."""
    form = small(
        'id = "paper"', 'id = "paper", remedy_ja = "窓口へ。", remedy_en = "Go.", mend = "city"'
    )
    (finding,) = examine(form, Facts(GOOD, FILED, "032011"))
    assert (finding.remedy_ja, finding.remedy_en, finding.mend) == ("窓口へ。", "Go.", "city")


def test_document_by_another_kind() -> None:
    """One of several papers is enough."""
    form = small('id = "paper"', 'id = "paper", any_of = ["paper", "letter"]')
    facts = Facts(GOOD, FILED, "032011", page_kinds=frozenset({"letter"}))
    assert examine(form, facts) == ()


def test_document_only_if() -> None:
    """A paper may be needed only in some cases."""
    form = small(
        'en = "notice", required = true',
        'en = "notice", required_if = [{ field = "colour", is = ["r"] }]',
    )
    assert examine(form, Facts(GOOD, FILED, "032011")) == ()
    assert len(examine(form, Facts(GOOD | {"colour": "r"}, FILED, "032011"))) == 1


def test_check_words_are_filled() -> None:
    """A check's sentence names the label and the days, each in its language."""
    (finding,) = find({"name": "花", "ends": "2026-12-31"})
    assert finding.check == "too_early"
    assert finding.sentence_ja == "満了日は令和8年11月1日からです。"
    assert finding.sentence_en == "last day opens 2026-11-01."


def test_check_only_when() -> None:
    """A check looks only at cases its conditions name."""
    form = small(
        'mend = "provider"', 'mend = "provider"\nwhen = [{ field = "colour", is = ["r"] }]'
    )
    assert find({"name": "花", "ends": "2026-12-31"}, form=form) == ()
    assert len(find({"name": "花", "ends": "2026-12-31", "colour": "r"}, form=form)) == 1


def test_braces_in_answers_do_no_harm() -> None:
    """An answer with braces is shown as it is."""
    findings = renewal({"insured_no": "{0}{label}"})
    assert any("{0}{label}" in finding.sentence_ja for finding in findings)


def test_worst_first() -> None:
    """Blocks come first, then warnings, then information; within each the form's order."""
    findings = renewal(
        {
            "prev_result": "06",
            "physician.name": "",
            "consent_disclosure": "no",
            "phone": "",
            "prev_valid_from": "",
        }
    )
    assert [finding.severity for finding in findings] == ["block", *["warn"] * 4, "info"]
    warned = [finding.field for finding in findings if finding.severity == "warn"]
    assert warned == ["phone", "prev_valid_from", "prev_result", "physician.name"]


def test_own_words_replace_the_usual_ones() -> None:
    """A form's check for a missing field replaces the usual sentence instead of adding to it."""
    (finding,) = renewal({"physician.name": ""})
    assert finding.check == "physician_missing"
    assert "意見書" in finding.sentence_ja


def test_examining_twice_says_the_same() -> None:
    """The same facts give the same findings."""
    assert renewal({"phone": ""}) == renewal({"phone": ""})

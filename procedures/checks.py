"""Examine one application against its form: every deficiency that can be seen on the bus, worst first."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from procedures.conditions import all_hold
from procedures.facts import Facts, Finding
from procedures.procedure import SEVERITIES, Document, Field, Procedure
from procedures.rules import AFTERWARDS, RULES, Case, Check
from procedures.words import Words

__all__ = ["Facts", "Finding", "examine"]

READ_AGAIN_BELOW = 0.8

_FIELD_MISSING = Words("{label}が書かれていません。", "{label} is missing.")
_FIELD_MISSING_FIX = Words("{label}を書いてください。", "Please fill in {label}.")
_INVALID_FIX = Words("{label}を確かめて直してください。", "Please check and correct {label}.")
_AGAIN = Words("{label}は機械の読み取りがあいまいです。", "{label} was read with doubt.")
# A wrong or doubtful answer can be mended at the desk while the paper is there.
_GRAVITY = {"field_invalid": ("block", "bus"), "read_again": ("warn", "bus")}
_AGAIN_FIX = Words(
    "画像と見比べて、正しければ確定してください。", "Compare it with the picture and confirm it."
)
_DOCUMENT_MISSING = Words("{label}がありません。", "{label} is not among the papers.")
_DOCUMENT_FIX = Words(
    "いまお持ちなら読み取らせてください。なければ次の訪問までにご用意ください。",
    "Feed it now if you have it; otherwise please have it ready for the next visit.",
)


def examine(procedure: Procedure, facts: Facts) -> tuple[Finding, ...]:
    """Return all findings, blocks first, then warnings, then information; within each in form order."""
    case = Case(
        facts,
        procedure.window,
        procedure.identity.individual_no,
        messenger=procedure.identity.proxy_identity_mode == "messenger",
    )
    first, last = _in_two(procedure)
    found = [*_fields(procedure, facts), *_documents(procedure, facts)]
    found += _checks(procedure, first, case)
    blocked = any(finding.severity == "block" for finding in found)
    found += _checks(procedure, last, replace(case, blocked=blocked))
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def _fields(procedure: Procedure, facts: Facts) -> Iterator[Finding]:
    """Yield missing, wrong and doubtful answers; a missing one may have its own words among the checks."""
    spoken_for = {
        check.field
        for check in procedure.checks
        if check.rule == "missing" and all_hold(check.when, facts.answers)
    }
    for field in procedure.fields:
        for key in procedure.missing(field, facts.answers):
            if key not in spoken_for:
                yield _about(key, field, "field_missing", _FIELD_MISSING, _FIELD_MISSING_FIX)
        for key in field.answer_keys():
            value = facts.answers.get(key, "")
            fault = field.fault(value)
            if fault:
                yield _about(key, field, "field_invalid", fault, _INVALID_FIX)
            elif value and facts.confidence.get(key, 1.0) < READ_AGAIN_BELOW:
                yield _about(key, field, "read_again", _AGAIN, _AGAIN_FIX)


def _documents(procedure: Procedure, facts: Facts) -> Iterator[Finding]:
    for document in procedure.documents:
        if document.needed(facts.answers) and facts.page_kinds.isdisjoint(document.any_of):
            yield _absent(document)


def _in_two(procedure: Procedure) -> tuple[list[Check], list[Check]]:
    """Return the checks that look at the case, and those that look at what the others found."""
    last = [check for check in procedure.checks if check.rule in AFTERWARDS]
    return [check for check in procedure.checks if check not in last], last


def _checks(procedure: Procedure, checks: Iterable[Check], case: Case) -> Iterator[Finding]:
    answers = case.facts.answers
    for check in checks:
        seen = RULES[check.rule].look(check, case) if all_hold(check.when, answers) else None
        if seen is not None:
            yield _spoken(check, procedure.field(check.field).label, seen)


def _spoken(check: Check, label: Words, seen: Mapping[str, str | Words]) -> Finding:
    ja, en = ({"label": label.say(lang), **_said(seen, lang)} for lang in ("ja", "en"))
    sentence, remedy = (
        Words(words.ja.format(**ja), words.en.format(**en))
        for words in (check.sentence, check.remedy)
    )
    return _finding((check.id, check.severity, check.mend), check.field, sentence, remedy)


def _said(seen: Mapping[str, str | Words], lang: str) -> dict[str, str]:
    return {
        name: value.say(lang) if isinstance(value, Words) else value for name, value in seen.items()
    }


def _about(key: str, field: Field, check: str, sentence: Words, remedy: Words) -> Finding:
    severity, mend = _GRAVITY.get(check, (field.missing, field.mend))
    label = field.label_of(key)
    words = (_labelled(sentence, label), _labelled(remedy, label))
    return _finding((check, severity, mend), key, *words)


def _absent(document: Document) -> Finding:
    sentence, remedy = (
        _labelled(_DOCUMENT_MISSING, document.label),
        document.remedy or _DOCUMENT_FIX,
    )
    return _finding(
        ("document_missing", document.missing, document.mend), document.id, sentence, remedy
    )


def _labelled(words: Words, label: Words) -> Words:
    return Words(words.ja.replace("{label}", label.ja), words.en.replace("{label}", label.en))


def _finding(kind: tuple[str, str, str], field: str, sentence: Words, remedy: Words) -> Finding:
    check, severity, mend = kind
    return Finding(check, severity, field, sentence.ja, sentence.en, remedy.ja, remedy.en, mend)

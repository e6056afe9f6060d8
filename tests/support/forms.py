"""A small form file and a clean renewal case, for tests to spoil in one place each."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from procedures.checks import Facts, Finding, examine
from procedures.definition import Procedure, load, read

FILED = date(2026, 8, 25)

SMALL_FORM = """\
id = "small"
version = "2026-04-01"
title = { ja = "小さな届", en = "Small notice" }
pattern = "one_to_one"
departments = ["窓口課"]
slot = { base_min = 10, per_case_min = 5 }
window = { anchor = "ends", opens_days = 60 }
filing_date = { policy = "bus_receipt" }
identity = { individual_no = "off" }
retention = { edge_grace_h = 72, edge_hard_cap_d = 7 }
fields = [
  { section = "one", key = "name", type = "name", ja = "氏名", en = "name", required = true },
  { section = "one", key = "ends", type = "era_date", ja = "満了日", en = "last day", required = true },
  { section = "one", key = "colour", type = "code:colour", ja = "色", en = "colour", missing = "warn" },
  { section = "one", key = "child", type = "name", ja = "子", en = "child", repeat = 3 },
]
documents = [{ id = "paper", ja = "届出書", en = "notice", required = true }]
tasks = [
  { id = "first", department = "窓口課", ja = "一", en = "one" },
  { id = "second", department = "窓口課", ja = "二", en = "two", after = ["first"] },
]
[codes]
colour = [{ code = "r", ja = "赤", en = "red", also = ["あか"] }, { code = "b", ja = "青", en = "blue" }]
[sections]
one = { ja = "一", en = "One" }
[texts]
thanks = { ja = "お預かりしました。", en = "Received." }
[[checks]]
id = "too_early"
rule = "window_not_open"
field = "ends"
severity = "block"
mend = "provider"
sentence_ja = "{label}は{opens}からです。"
sentence_en = "{label} opens {opens}."
remedy_ja = "待ってください。"
remedy_en = "Please wait."
"""

# A woman of 88 at home whose certification of level 3 ends on 30 September 2026.
CLEAN = {
    "application_kind": "2",
    "application_date": "2026-08-25",
    "insurer_no": "032011",
    "insured_no": "0012345678",
    "name_kana": "ショウジ　スミコ",
    "name": "東海林　澄子",
    "birth_date": "1937-12-25",
    "sex": "2",
    "insured_class": "1",
    "postal_code": "020-9910",
    "address": "岩手県盛岡市見本町1丁目2番3号",
    "phone": "019-000-1234",
    "medical_insurer_name": "岩手県後期高齢者医療広域連合",
    "medical_insurer_no": "39030010",
    "number": "12345678",
    "prev_result": "23",
    "prev_valid_from": "2024-10-01",
    "prev_valid_to": "2026-09-30",
    "current_place.kind": "home",
    "current_place.past": "no",
    "physician.name": "及川　章",
    "physician.hospital": "見本町内科医院",
    "filer.kind": "proxy_filer",
    "filer.office_kind": "homecare_support_office",
    "filer.office_name": "わかば居宅介護支援事業所",
    "filer.phone": "019-000-0110",
    "survey.contact": "東海林　隆",
    "survey.phone": "090-0000-1234",
    "survey.place": "home",
    "consent_disclosure": "yes",
    "consent_name": "東海林　澄子",
}
CARD = {
    key: CLEAN[key] for key in ("insurer_no", "insured_no", "name", "birth_date", "prev_result")
}
PAPERS = frozenset({"form_front", "form_back", "insurance_card"})


def small(old: str = "", new: str = "") -> Procedure:
    """Return the small form with one piece of its text replaced."""
    assert old in SMALL_FORM
    return read(SMALL_FORM.replace(old, new) if old else SMALL_FORM, "small.toml")


@cache
def renewal_form() -> Procedure:
    """Return the renewal form, read once for all tests."""
    return load("care-renewal")


def renewal(
    changes: Mapping[str, str] | None = None,
    *,
    filed: date = FILED,
    card: Mapping[str, str] | None = None,
    pages: frozenset[str] = PAPERS,
    pending: frozenset[str] = frozenset(),
    confidence: Mapping[str, float] | None = None,
) -> tuple[Finding, ...]:
    """Examine the clean renewal with some answers changed; its form is dated the day it is filed."""
    answers = CLEAN | {"application_date": filed.isoformat()} | dict(changes or {})
    facts = Facts(
        answers=answers,
        filing_date=filed,
        insurer_no="032011",
        card=CARD | dict(card or {}),
        page_kinds=pages,
        pending=pending,
        confidence=confidence or {},
    )
    return examine(renewal_form(), facts)


def named(findings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    """Return check, field and severity of each finding."""
    return [(finding.check, finding.field, finding.severity) for finding in findings]

"""The renewal form: every deficiency that can be seen on the bus, and the test persons of the trial."""

from datetime import date, timedelta

import pytest

from procedures.definition import load
from tests.support.forms import CLEAN, FILED, PAPERS, named, renewal

CATEGORY2 = {
    "birth_date": "1968-05-05",
    "insured_class": "2",
    "specified_disease": "13",
    "medical_insurer_name": "全国健康保険協会",
    "medical_insurer_no": "01030014",
    "symbol": "1234",
}
WITH_PROOF = PAPERS | {"medical_insurance"}


def test_clean_case() -> None:
    """A complete renewal within its window has no findings."""
    assert renewal() == ()


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"application_kind": ""}, ("field_missing", "application_kind", "block")),
        ({"application_kind": "1"}, ("not_a_renewal", "application_kind", "block")),
        ({"application_kind": "3"}, ("not_a_renewal", "application_kind", "block")),
        ({"change_reason": "悪化した"}, ("level_change_wanted", "change_reason", "warn")),
        ({"insurer_no": ""}, ("field_missing", "insurer_no", "block")),
        ({"insurer_no": "131011"}, ("other_insurer", "insurer_no", "block")),
        ({"insured_no": ""}, ("field_missing", "insured_no", "block")),
        ({"insured_no": "0012345687"}, ("insured_no_differs_from_card", "insured_no", "block")),
        ({"name": ""}, ("field_missing", "name", "block")),
        ({"name_kana": ""}, ("field_missing", "name_kana", "warn")),
        ({"name_kana": "しょうじ"}, ("field_invalid", "name_kana", "block")),
        ({"birth_date": ""}, ("field_missing", "birth_date", "block")),
        ({"birth_date": "1937-12-26"}, ("birth_date_differs_from_card", "birth_date", "block")),
        ({"sex": ""}, ("field_missing", "sex", "warn")),
        ({"insured_class": ""}, ("field_missing", "insured_class", "warn")),
        (
            {"insured_class": "2", "specified_disease": "13"},
            ("class_against_age", "insured_class", "block"),
        ),
        ({"individual_no": "123456789018"}, ("number_unwanted", "individual_no", "warn")),
        ({"postal_code": ""}, ("field_missing", "postal_code", "warn")),
        ({"address": ""}, ("field_missing", "address", "block")),
        ({"birth_date": "1899-12-25"}, ("very_old", "birth_date", "warn")),
        ({"branch_no": "01"}, ("elderly_branch", "branch_no", "warn")),
        ({"phone": ""}, ("field_missing", "phone", "warn")),
        ({"phone": "1234"}, ("field_invalid", "phone", "block")),
        ({"medical_insurer_name": ""}, ("field_missing", "medical_insurer_name", "warn")),
        ({"medical_insurer_no": ""}, ("field_missing", "medical_insurer_no", "warn")),
        ({"medical_insurer_no": "39030011"}, ("field_invalid", "medical_insurer_no", "block")),
        ({"medical_insurer_no": "131011"}, ("elderly_insurer", "medical_insurer_no", "warn")),
        ({"number": ""}, ("field_missing", "number", "warn")),
        ({"prev_result": ""}, ("field_missing", "prev_result", "block")),
        ({"prev_result": "24"}, ("level_differs_from_card", "prev_result", "warn")),
        ({"prev_valid_from": ""}, ("field_missing", "prev_valid_from", "warn")),
        ({"prev_result": "11"}, ("level_historic", "prev_result", "warn")),
        (
            {"prev_valid_from": "2022-10-01"},
            ("validity_needs_same_level", "prev_valid_from", "info"),
        ),
        ({"prev_valid_from": "2026-10-01"}, ("validity_reversed", "prev_valid_from", "block")),
        ({"prev_valid_from": "2021-10-01"}, ("validity_too_long", "prev_valid_from", "warn")),
        ({"prev_valid_from": "2026-08-01"}, ("validity_too_short", "prev_valid_from", "warn")),
        ({"prev_valid_to": ""}, ("field_missing", "prev_valid_to", "block")),
        ({"prev_valid_to": "2026-09-29"}, ("expiry_not_month_end", "prev_valid_to", "warn")),
        ({"prev_valid_to": "2026-10-31"}, ("before_window", "prev_valid_to", "block")),
        ({"prev_valid_to": "2026-07-31"}, ("after_expiry", "prev_valid_to", "block")),
        ({"current_place.kind": ""}, ("field_missing", "current_place.kind", "warn")),
        ({"current_place.kind": "facility"}, ("field_missing", "current_place.name", "warn")),
        (
            {"current_place.name": "朝日野総合病院"},
            ("home_but_place_named", "current_place.kind", "warn"),
        ),
        (
            {"current_place.past": "yes", "current_place.past_from": "2026-06-01"},
            ("stay_not_ended", "current_place.past_to", "warn"),
        ),
        ({"current_place.past": ""}, ("field_missing", "current_place.past", "warn")),
        ({"current_place.past": "yes"}, ("field_missing", "current_place.past_name", "warn")),
        (
            {"physician.name": "", "physician.hospital": ""},
            ("physician_missing", "physician.name", "warn"),
        ),
        ({"physician.name": "なし"}, ("physician_none", "physician.name", "info")),
        ({"physician.name": "及川　章（退職）"}, ("physician_gone", "physician.name", "warn")),
        (
            {"physician.hospital": "見本町内科医院（閉院）"},
            ("hospital_closed", "physician.hospital", "warn"),
        ),
        ({"physician.hospital": ""}, ("field_missing", "physician.hospital", "warn")),
        (
            {"physician.last_visit": "2026-02-01"},
            ("physician_not_seen", "physician.last_visit", "warn"),
        ),
        ({"filer.kind": ""}, ("filer_kind_missing", "filer.kind", "warn")),
        (
            {"filer.office_name": "グループホーム白樺"},
            ("filer_not_a_proxy", "filer.office_name", "warn"),
        ),
        (
            {"filer.kind": "legal_guardian"},
            ("document_missing", "guardian_proof", "warn"),
        ),
        ({"filer.office_kind": ""}, ("field_missing", "filer.office_kind", "warn")),
        ({"filer.office_name": ""}, ("filer_missing", "filer.office_name", "block")),
        ({"filer.kind": "family"}, ("field_missing", "filer.relation", "warn")),
        ({"filer.office_no": "2372100034"}, ("office_digit", "filer.office_no", "info")),
        ({"filer.office_no": "23721"}, ("field_invalid", "filer.office_no", "block")),
        ({"survey.contact": ""}, ("field_missing", "survey.contact", "warn")),
        ({"survey.phone": ""}, ("field_missing", "survey.phone", "warn")),
        ({"survey.phone": "019-000-0110"}, ("survey_contact_is_office", "survey.phone", "info")),
        (
            {"survey.phone": "019-000-7777", "current_place.phone": "019-000-7777"},
            ("survey_contact_is_ward", "survey.phone", "info"),
        ),
        ({"survey.contact": "病棟当直"}, ("survey_contact_at_night", "survey.contact", "warn")),
        ({"survey.place": ""}, ("field_missing", "survey.place", "warn")),
        ({"consent_disclosure": ""}, ("consent_missing", "consent_disclosure", "warn")),
        ({"consent_disclosure": "no"}, ("consent_refused", "consent_disclosure", "info")),
        ({"consent_name": ""}, ("consent_name_missing", "consent_name", "warn")),
        ({"consent_name": "東海林　隆"}, ("consent_other_name", "consent_name", "warn")),
        ({"application_date": "2026-08-20"}, ("date_differs", "application_date", "info")),
    ],
)
def test_one_deficiency(changes: dict[str, str], found: tuple[str, str, str]) -> None:
    """Each spoiled answer is found, under its own name, where it stands."""
    assert found in named(renewal(changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"change_reason": ""},
        {"individual_no": ""},
        {"insured_no": "0012345678"},
        {"name": "東海林 澄子"},
        {"physician.last_visit": "2026-08-01"},
        {"filer.office_no": "2374501514"},
        {"filer.office_no": "03A0100001"},
        {"filer.kind": "self", "filer.office_name": "", "filer.office_kind": ""},
        {"filer.kind": "family", "filer.relation": "長女", "filer.office_name": ""},
        {"filer.kind": "unpaid_agent", "filer.relation": "施設職員", "filer.office_kind": ""},
        {"current_place.kind": "facility", "current_place.name": "グループホーム白樺"},
        {"current_place.past": "yes", "current_place.past_name": "朝日野総合病院"},
        {"consent_name": "東海林　隆", "consent_proxy_reason": "長男が代筆（手の震え）"},
        {"prev_valid_from": "2023-10-01"},
        {"physician.hospital": "南大通診療所", "physician.dept": "内科"},
        {"survey.notes": "耳が遠い", "survey.bad_days": "火曜日"},
        {"address": "岩手県盛岡市見本町１丁目２番３号"},
    ],
)
def test_no_deficiency(changes: dict[str, str]) -> None:
    """What a good form may say is no deficiency."""
    assert renewal(changes, card={"address": CLEAN["address"]}) == ()


@pytest.mark.parametrize("page", sorted(PAPERS))
def test_missing_page(page: str) -> None:
    """A missing page blocks: front, back, or the certificate."""
    assert named(renewal(pages=PAPERS - {page})) == [("document_missing", page, "block")]


def test_lost_card_with_reissue_form() -> None:
    """A lost certificate is no obstacle if the reissue form comes along."""
    assert renewal(pages=PAPERS - {"insurance_card"} | {"reissue_form"}) == ()


def test_lost_card_tells_what_to_do() -> None:
    """The remedy for a missing certificate names the reissue form."""
    (finding,) = renewal(pages=PAPERS - {"insurance_card"})
    assert "再交付申請書" in finding.remedy_ja


@pytest.mark.parametrize(
    ("card", "found"),
    [
        ({"insured_no": "0012345687"}, ("insured_no_differs_from_card", "insured_no", "block")),
        ({"name": "東海林　澄江"}, ("name_differs_from_card", "name", "warn")),
        ({"birth_date": "1937-12-24"}, ("birth_date_differs_from_card", "birth_date", "block")),
        ({"prev_result": "22"}, ("level_differs_from_card", "prev_result", "warn")),
        ({"prev_valid_to": "2026-10-31"}, ("expiry_differs_from_card", "prev_valid_to", "block")),
        ({"address": "岩手県盛岡市川風町1丁目"}, ("address_differs_from_card", "address", "warn")),
        ({"insurer_no": "131011"}, ("other_insurer", "insurer_no", "block")),
    ],
)
def test_card_differs(card: dict[str, str], found: tuple[str, str, str]) -> None:
    """Form and certificate are compared field by field."""
    assert named(renewal(card=card)) == [found]


@pytest.mark.parametrize(
    ("filed", "found"),
    [
        (date(2026, 7, 31), ["before_window"]),
        (date(2026, 8, 1), []),
        (date(2026, 8, 30), []),
        (date(2026, 8, 31), ["duty_passed"]),
        (date(2026, 9, 29), ["duty_passed"]),
        (date(2026, 9, 30), ["last_day"]),
        (date(2026, 10, 1), ["after_expiry"]),
    ],
)
def test_window(filed: date, found: list[str]) -> None:
    """The sixty days are counted with both ends."""
    assert [finding.check for finding in renewal(filed=filed)] == found


def test_late_for_a_reason() -> None:
    """After a disaster the city examines the reason; the desk does not stop it."""
    late = {"late_reason": "大雨による避難", "late_until": "2026-10-03"}
    findings = renewal(late, filed=date(2026, 10, 5))
    assert named(findings) == [("late_with_reason", "late_reason", "warn")]


@pytest.mark.parametrize(
    ("until", "found"),
    [
        ("", ("field_missing", "late_until", "warn")),
        ("2026-10-04", ("late_reason_over", "late_until", "warn")),
    ],
)
def test_late_for_a_reason_that_ended(until: str, found: tuple[str, str, str]) -> None:
    """The month is counted from the day the reason ended (介護保険法28条3項)."""
    late = {"late_reason": "大雨による避難", "late_until": until}
    assert found in named(renewal(late, filed=date(2026, 11, 5)))


def test_an_exception_needs_whole_papers() -> None:
    """Who files late for a reason is told first of what keeps the exception away."""
    late = {"late_reason": "大雨による避難", "late_until": "2026-10-03"}
    pages = PAPERS - {"form_back"}
    checks = [found.check for found in renewal(late, filed=date(2026, 10, 5), pages=pages)]
    assert checks == ["document_missing", "late_with_reason", "exception_with_defects"]
    assert "exception_with_defects" not in [f.check for f in renewal(pages=pages)]


def test_before_window_offers_a_visit() -> None:
    """Somebody who comes too early is told from when to when to book."""
    (finding,) = renewal(filed=date(2026, 7, 30))
    assert "令和8年8月1日から令和8年9月30日まで" in finding.remedy_ja


def test_expiry_on_closed_day() -> None:
    """A last day on a Saturday is mentioned in its week."""
    changes = {"prev_valid_to": "2026-10-31", "prev_valid_from": "2024-11-01"}
    checks = [finding.check for finding in renewal(changes, filed=date(2026, 10, 30))]
    assert checks == ["duty_passed", "closed_day"]


def test_in_hospital_survey_at_home() -> None:
    """A survey at home does not fit a person in hospital."""
    changes = {"current_place.kind": "hospital", "current_place.name": "朝日野総合病院"}
    other = ("physician_of_the_stay", "physician.hospital", "info")
    wrong = ("in_hospital_survey_at_home", "survey.place", "warn")
    assert named(renewal(changes)) == [wrong, other]
    assert named(renewal(changes | {"survey.place": "hospital"})) == [other]
    there = {"survey.place": "hospital", "physician.hospital": "朝日野総合病院"}
    assert renewal(changes | there) == ()


def test_stay_reversed() -> None:
    """A stay that ends before it begins is a misread date."""
    changes = {"current_place.past": "yes", "current_place.past_name": "病院"}
    changes |= {"current_place.past_from": "2026-05-02", "current_place.past_to": "2026-05-01"}
    assert named(renewal(changes)) == [("stay_reversed", "current_place.past_from", "warn")]


def test_duplicate_pending() -> None:
    """An application already pending is left to the city."""
    (finding,) = renewal(pending=frozenset({"0012345678"}))
    assert (finding.check, finding.mend) == ("duplicate_pending", "city")


def test_under_forty() -> None:
    """Nobody under forty is insured."""
    checks = [
        finding.check
        for finding in renewal(CATEGORY2 | {"birth_date": "1990-01-01"}, pages=WITH_PROOF)
    ]
    assert "too_young" in checks


def test_birth_in_future() -> None:
    """A date of birth in the future is a misread era."""
    assert "birth_in_future" in [finding.check for finding in renewal({"birth_date": "2037-12-25"})]


# The trial's test persons. Those about links, clocks and the desk's own steps are tested there.


def test_person_1_forty_days_left() -> None:
    """Level 3, category 1, forty days left: clean."""
    assert renewal(filed=date(2026, 9, 30) - timedelta(days=40)) == ()


def test_person_2_expires_today() -> None:
    """On the last day nothing stops the hand-in."""
    findings = renewal(filed=date(2026, 9, 30))
    assert [finding.severity for finding in findings] == ["info"]


def test_person_3_sixty_one_days_before() -> None:
    """Sixty-one days before the last day is one too early."""
    assert named(renewal(filed=date(2026, 7, 31)))[0] == ("before_window", "prev_valid_to", "block")


def test_person_4_expired_yesterday() -> None:
    """A day late, the remedy names the new application and the reason."""
    (finding,) = renewal(filed=date(2026, 10, 1))
    assert "新規" in finding.remedy_ja
    assert "災害" in finding.remedy_ja


def test_person_5_other_city() -> None:
    """A resident insured elsewhere must not be sent to the wrong city."""
    (finding,) = renewal({"insurer_no": "131011"})
    assert "住所地特例" in finding.sentence_ja


def test_person_6_category_2() -> None:
    """Category 2 with disease and proof is clean; without proof it warns; without disease it blocks."""
    card = {"birth_date": CATEGORY2["birth_date"]}
    assert renewal(CATEGORY2, card=card, pages=WITH_PROOF) == ()
    assert named(renewal(CATEGORY2, card=card)) == [
        ("document_missing", "medical_insurance", "warn")
    ]
    found = named(renewal(CATEGORY2 | {"specified_disease": ""}, card=card, pages=WITH_PROOF))
    assert found == [("disease_missing", "specified_disease", "block")]


def test_person_6_without_medical_insurer() -> None:
    """In category 2 the insurer is what makes the person insured: its number blocks, its paper warns."""
    card = {"birth_date": CATEGORY2["birth_date"]}
    assert named(renewal(CATEGORY2 | {"medical_insurer_no": ""}, card=card)) == [
        ("category2_insurer_missing", "medical_insurer_no", "block"),
        ("document_missing", "medical_insurance", "warn"),
    ]


def test_a_missing_insurer_of_category_1_is_a_warning() -> None:
    """The words of category 2 are kept for category 2."""
    assert named(renewal({"medical_insurer_no": ""})) == [
        ("field_missing", "medical_insurer_no", "warn")
    ]


def test_no_physician_needs_no_hospital() -> None:
    """Who says that there is no physician has answered."""
    found = renewal({"physician.name": "なし", "physician.hospital": ""})
    assert named(found) == [("physician_none", "physician.name", "info")]


def test_person_7_no_physician() -> None:
    """A blank physician warns; the city learns that it cannot ask for the opinion."""
    assert named(renewal({"physician.name": "", "physician.hospital": ""})) == [
        ("physician_missing", "physician.name", "warn")
    ]


def test_person_9_rare_signs() -> None:
    """Rare ideographs, variation selectors and wave dashes are good answers."""
    name, address = "髙﨑\U000e0100　𠮷雄", "岩手県盛岡市見本町１－２〜３"
    changes = {"name": name, "consent_name": name, "address": address}
    assert renewal(changes, card={"name": name, "address": address}) == ()


def test_person_10_not_certified() -> None:
    """事業対象者 is no certification; the remedy is a new application."""
    found = named(renewal({"prev_result": "06"}, card={"prev_result": "06"}))
    assert found == [("not_certified", "prev_result", "block")]


def test_person_11_transposed_digits() -> None:
    """Two digits that changed places are found against the certificate."""
    assert named(renewal({"insured_no": "0012345687"})) == [
        ("insured_no_differs_from_card", "insured_no", "block")
    ]


def test_person_12_turns_65_tomorrow() -> None:
    """On the day before the 65th birthday the person is category 1 by law."""
    born = date(1961, FILED.month, FILED.day + 1).isoformat()
    other = {"birth_date": born, "medical_insurer_no": "131011"}
    assert renewal(other, card={"birth_date": born}) == ()
    found = named(
        renewal(
            other | {"insured_class": "2", "specified_disease": "13"}, card={"birth_date": born}
        )
    )
    assert ("class_against_age", "insured_class", "block") in found


def test_person_14_h_number() -> None:
    """A number that begins with H belongs to somebody on public assistance, who has no medical insurance."""
    number = {"insured_no": "H123456789"}
    assert renewal(number, card=number) == ()
    aided = {**CATEGORY2, **number, "medical_insurer_name": "", "medical_insurer_no": ""}
    aided |= {"symbol": "", "number": ""}
    card = {**number, "birth_date": CATEGORY2["birth_date"]}
    assert renewal(aided, card=card) == ()


def test_person_15_last_day_of_taisho() -> None:
    """大正15年12月25日 and 昭和元年12月25日 are the same day of birth."""
    field = load("care-renewal").field("birth_date")
    born = field.normalise("大正15年12月25日")
    assert born == field.normalise("昭和元年12月25日") == "1926-12-25"
    assert renewal({"birth_date": born}, card={"birth_date": born}) == ()


def test_person_16_unpaid_agent() -> None:
    """A group home's staff may file as unpaid agents with their relation."""
    changes = {
        "filer.kind": "unpaid_agent",
        "filer.office_name": "グループホーム白樺",
        "filer.office_kind": "",
    }
    assert named(renewal(changes)) == [("field_missing", "filer.relation", "warn")]


def test_person_17_consent_refused() -> None:
    """Refusing consent is a right and only informs."""
    findings = renewal({"consent_disclosure": "no", "consent_name": ""})
    assert [finding.severity for finding in findings] == ["info"]


def test_person_18_back_missing() -> None:
    """A missing back page is named as such."""
    (finding,) = renewal(pages=PAPERS - {"form_back"})
    assert "裏面" in finding.sentence_ja


def test_policy_of_the_form() -> None:
    """The renewal keeps the policies the city starts with."""
    form = load("care-renewal")
    assert (form.pattern, form.departments) == ("batch_mobile", ("介護保険課",))
    assert (form.identity.individual_no, form.identity.proxy_identity_mode) == ("off", "messenger")
    assert (form.retention.edge_grace_h, form.retention.edge_hard_cap_d) == (72, 7)
    assert form.filing_date.policy == "bus_receipt"
    assert form.filing_date.needs == ("designated_counter", "officer_on_board", "clock_ok")


def test_card_travels_in_a_bag() -> None:
    """The certificate is an original whose custody is logged by bag."""
    (card,) = [
        document for document in load("care-renewal").documents if document.id == "insurance_card"
    ]
    assert (card.original, card.custody) == (True, "bag")

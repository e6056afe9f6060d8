"""Who is in the stack: made-up residents whose numbers, dates and classes keep the rules of the law."""

import hashlib
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from procedures.definition import load
from procedures.numbers import insurer_check_digit
from procedures.wareki import format_short
from sync.letters import DueEntry, LastCase

CITY = "盛岡市"
INSURER_NO = "032011"
WINDOW_DAYS = 60
LAST_YEAR_DAYS = 365
# One application of the stack has a deficiency, so that the demo can show a correction.
_WITHOUT_PHYSICIAN = 6


@dataclass(frozen=True, slots=True)
class Person:
    """One resident of the demo. `truth` holds what the paper says, in canonical values, by field key.

    `due` is None for somebody the visit pack does not know; `kinds` are the page kinds in feeding order.
    """

    truth: dict[str, str]
    due: DueEntry | None
    has_qr: bool
    qr_payload: str
    reference: str
    kinds: tuple[str, ...]
    planted: str = ""


@dataclass(frozen=True, slots=True)
class _Sketch:
    """What makes one resident different from the next."""

    name: str
    kana: str
    sex: str
    age: int
    level: str
    months: int
    traits: frozenset[str] = frozenset()


_SKETCHES = (
    _Sketch("髙﨑　𠮷雄", "タカサキ　ヨシオ", "1", 84, "23", 24),
    _Sketch("東海林　澄子", "ショウジ　スミコ", "2", 88, "22", 36, frozenset({"medical_card"})),
    _Sketch("佐々木　ハル", "ササキ　ハル", "2", 93, "24", 36),
    _Sketch("及川　正三", "オイカワ　ショウゾウ", "1", 79, "21", 12, frozenset({"hospital_stay"})),
    _Sketch("工藤　ミヨ", "クドウ　ミヨ", "2", 86, "12", 24, frozenset({"unknown"})),
    _Sketch("小笠原　武雄", "オガサワラ　タケオ", "1", 81, "23", 36, frozenset({"facility"})),
    _Sketch("千葉　キヌ", "チバ　キヌ", "2", 90, "21", 24),
    _Sketch(
        "菊池　健一",
        "キクチ　ケンイチ",
        "1",
        58,
        "22",
        12,
        frozenset({"category2", "medical_card"}),
    ),
    _Sketch("渡邉　トシ", "ワタナベ　トシ", "2", 95, "25", 48, frozenset({"unknown"})),
    _Sketch(
        "藤原　清治", "フジワラ　セイジ", "1", 70, "13", 24, frozenset({"national", "medical_card"})
    ),
    _Sketch("阿部　フミ", "アベ　フミ", "2", 82, "24", 36, frozenset({"facility"})),
    _Sketch("齊藤　文夫", "サイトウ　フミオ", "1", 77, "12", 12),
)
_TOWNS = ("見本町", "白樺台", "川風町", "朝日野", "鈴ヶ丘", "北花園")
_PHYSICIANS = (
    ("及川　章", "見本町内科医院", "内科"),
    ("村上　静香", "川風クリニック", "内科"),
    ("岩渕　孝", "朝日野総合病院", "神経内科"),
    ("八重樫　玲子", "白樺台整形外科", "整形外科"),
)
_CONTACTS = (
    ("長男", "隆"),
    ("長女", "和子"),
    ("次男", "誠"),
    ("孫", "翔太"),
    ("長男の妻", "恵美"),
)
_OFFICE = {
    "filer.kind": "proxy_filer",
    "filer.office_kind": "homecare_support_office",
    "filer.office_name": "わかば居宅介護支援事業所",
    "filer.person": "三浦　千晶",
    "filer.postal_code": "020-9901",
    "filer.address": "岩手県盛岡市見本町3丁目4番5号",
    "filer.phone": "019-000-0110",
}
_FACILITY = {
    "current_place.kind": "facility",
    "current_place.name": "グループホーム白樺",
    "current_place.address": "岩手県盛岡市白樺台1丁目8番2号",
    "current_place.phone": "019-000-0220",
}


def make_people(random: Random, count: int, today: date) -> tuple[Person, ...]:
    """Draw `count` residents whose certification may be renewed today; the seventh has no physician."""
    office_no = "037019901"
    office = _OFFICE | {"filer.office_no": office_no + str(insurer_check_digit(office_no))}
    serials = random.sample(range(100_000, 1_000_000), count)
    return tuple(
        _person(random, place, serial, today, office) for place, serial in enumerate(serials)
    )


def expiry_for(today: date) -> date:
    """Return the last month end that may already be renewed today; it lies 30 to 60 days ahead."""
    last = today + timedelta(days=WINDOW_DAYS)
    if last.day == monthrange(last.year, last.month)[1]:
        return last
    return last.replace(day=1) - timedelta(days=1)


def _person(random: Random, place: int, serial: int, today: date, office: dict[str, str]) -> Person:
    sketch = _SKETCHES[place % len(_SKETCHES)]
    planted = "physician_missing" if place == _WITHOUT_PHYSICIAN else ""
    truth = {
        "insurer_no": INSURER_NO,
        "application_kind": "2",
        "application_date": today.isoformat(),
    }
    truth |= (
        _identity(random, sketch, today) | _validity(sketch, today) | _insurance(random, sketch)
    )
    truth |= (
        _stay(sketch, truth, today) | office | _physician(random, planted) | _survey(random, sketch)
    )
    truth |= {
        "consent_disclosure": "yes",
        "consent_name": truth["name"],
        "consent_skip_extension_notice": "yes",
    }
    known = "unknown" not in sketch.traits
    reference = f"{format_short(today).split('.')[0]}-{serial}"
    token = f"{random.getrandbits(88):022x}"
    due = None
    if known:
        due = _due(truth, reference, token, today)
    kinds = ["form_front", "form_back", "insurance_card"]
    if "medical_card" in sketch.traits:
        kinds.append("medical_insurance")
    payload = _payload(place, truth, reference, token) if known else ""
    return Person(truth, due, known, payload, reference if known else "", tuple(kinds), planted)


def _due(truth: dict[str, str], reference: str, token: str, today: date) -> DueEntry:
    """Return what city hall knows: its register, and what last year's case may tell this one."""
    told = {key: value for key, value in sorted(truth.items()) if key != "application_date"}
    carried = set(load("care-renewal").carried) - {"phone"}
    return DueEntry(
        reference,
        truth["insured_no"],
        tuple((key, value) for key, value in told.items() if key not in carried),
        token,
        LastCase(
            today - timedelta(days=LAST_YEAR_DAYS),
            tuple((key, value) for key, value in told.items() if key in carried),
        ),
    )


def _identity(random: Random, sketch: _Sketch, today: date) -> dict[str, str]:
    born = date(today.year - sketch.age - 1, 1, 1) + timedelta(days=random.randrange(1, 365))
    building = random.choice(["", "", "　白樺ハイツ203号"])
    town = random.choice(_TOWNS)
    number = f"{random.randint(1, 5)}丁目{random.randint(1, 30)}番{random.randint(1, 20)}号"
    return {
        "insured_no": f"00{random.randrange(10_000_000, 99_999_999)}",
        "name": sketch.name,
        "name_kana": sketch.kana,
        "birth_date": born.isoformat(),
        "sex": sketch.sex,
        "postal_code": f"020-99{_TOWNS.index(town) + 10}",
        "address": f"岩手県盛岡市{town}{number}{building}",
        "phone": f"019-000-{random.randrange(1000, 9999)}",
        "insured_class": "2" if "category2" in sketch.traits else "1",
    }


def _validity(sketch: _Sketch, today: date) -> dict[str, str]:
    expiry = expiry_for(today)
    months = expiry.year * 12 + expiry.month - sketch.months
    start = date(months // 12, months % 12 + 1, 1)
    return {
        "prev_result": sketch.level,
        "prev_valid_from": start.isoformat(),
        "prev_valid_to": expiry.isoformat(),
    }


def _insurance(random: Random, sketch: _Sketch) -> dict[str, str]:
    number = f"{random.randrange(10_000_000, 99_999_999)}"
    if "category2" in sketch.traits:
        return _insurer("全国健康保険協会岩手支部", "0103001", number) | {
            "symbol": f"{random.randrange(1000, 9999)}",
            "branch_no": "00",
            "specified_disease": "13",
        }
    if "national" in sketch.traits:
        return _insurer("盛岡市国民健康保険", "03001", number) | {"symbol": "盛", "branch_no": "01"}
    return _insurer("岩手県後期高齢者医療広域連合", "3903001", number)


def _insurer(name: str, body: str, number: str) -> dict[str, str]:
    insurer = body + str(insurer_check_digit(body))
    return {"medical_insurer_name": name, "medical_insurer_no": insurer, "number": number}


def _stay(sketch: _Sketch, truth: dict[str, str], today: date) -> dict[str, str]:
    stay = {"current_place.past": "no"}
    if "facility" in sketch.traits:
        stay |= _FACILITY
    else:
        stay |= {"current_place.kind": "home", "current_place.address": truth["address"]}
        stay |= {"current_place.phone": truth["phone"]}
    if "hospital_stay" in sketch.traits:
        stay |= {
            "current_place.past": "yes",
            "current_place.past_name": "朝日野総合病院",
            "current_place.past_from": (today - timedelta(days=95)).isoformat(),
            "current_place.past_to": (today - timedelta(days=61)).isoformat(),
        }
    return stay


def _physician(random: Random, planted: str) -> dict[str, str]:
    if planted:
        return {}
    name, hospital, dept = random.choice(_PHYSICIANS)
    return {
        "physician.name": name,
        "physician.hospital": hospital,
        "physician.dept": dept,
        "physician.address": f"岩手県盛岡市川風町2丁目{random.randint(1, 20)}番1号",
        "physician.phone": f"019-000-{random.randrange(3000, 3999)}",
    }


def _survey(random: Random, sketch: _Sketch) -> dict[str, str]:
    relation, given = random.choice(_CONTACTS)
    return {
        "survey.contact": f"{sketch.name.split('　')[0]}　{given}",
        "survey.relation": relation,
        "survey.phone": f"090-0000-{random.randrange(1000, 9999)}",
        "survey.attendee": random.choice(["family", "care_manager"]),
        "survey.bad_days": random.choice(["火曜日", "水曜日の午後", "なし"]),
        "survey.place": "facility" if "facility" in sketch.traits else "home",
        "survey.notes": random.choice(["なし", "耳が遠い", "午前中は眠っていることが多い"]),
    }


def _payload(place: int, truth: dict[str, str], reference: str, token: str) -> str:
    """One of the three ways in which cities print the QR; most print the first."""
    check = hashlib.sha256(f"{INSURER_NO}:{reference}".encode()).hexdigest()
    if place % 6 == 1:
        return f"https://kaigo.example.lg.jp/r/{token}?f=KN1&v=2"
    if place % 6 == 5:  # noqa: PLR2004 -- one in six
        parts = (
            INSURER_NO,
            truth["insured_no"],
            reference,
            truth["prev_valid_to"].replace("-", ""),
            check[:40],
        )
        return "KN1|" + "|".join(parts)
    return f"KN1:{INSURER_NO}:{reference}:{check[:16]}"

"""Made-up residents, offices and physicians: everything that is written on the pages of one person."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from procedures.numbers import insurer_check_digit

TODAY = date(2026, 4, 1)
CITIES = (
    ("架空県", "", "汐見市", "270017"),
    ("架空県", "", "白樺市", "014035"),
    ("架空県", "南川郡", "月見町", "203629"),
    ("架空県", "", "千早市", "331204"),
    ("架空県", "北山郡", "杉沢村", "055468"),
)
TOWNS = (
    "本町",
    "旭ケ丘",
    "大字下川原",
    "松原",
    "緑が丘",
    "字中島",
    "東雲町",
    "南",
    "桜台",
    "字上ノ原",
)
BUILDINGS = ("グリーンハイツ", "メゾン松原", "第二富士荘", "県営松原住宅", "コーポみなみ")
SURNAMES = tuple(
    pair.split("/")
    for pair in [
        "佐藤/サトウ",
        "鈴木/スズキ",
        "高田/タカダ",
        "渡邉/ワタナベ",
        "渡邊/ワタナベ",
        "齋藤/サイトウ",
        "斉藤/サイトウ",
        "髙木/タカギ",
        "山﨑/ヤマザキ",
        "石川/イシカワ",
        "長谷川/ハセガワ",
        "小野寺/オノデラ",
        "大久保/オオクボ",
        "阿部/アベ",
        "清水/シミズ",
        "三浦/ミウラ",
        "藤原/フジワラ",
        "後藤/ゴトウ",
        "遠藤/エンドウ",
        "坂本/サカモト",
        "村上/ムラカミ",
        "廣瀬/ヒロセ",
        "柳澤/ヤナギサワ",
        "櫻井/サクライ",
        "菅野/カンノ",
        "千田/チダ",
        "八重樫/ヤエガシ",
        "工藤/クドウ",
        "松浦/マツウラ",
        "服部/ハットリ",
        "角田/ツノダ",
        "岩渕/イワブチ",
    ]
)
WOMEN = tuple(
    pair.split("/")
    for pair in [
        "ハツ/ハツ",
        "キヨ/キヨ",
        "ミサヲ/ミサヲ",
        "和子/カズコ",
        "幸子/サチコ",
        "節子/セツコ",
        "千鶴子/チヅコ",
        "美代/ミヨ",
        "とし江/トシエ",
        "フミ/フミ",
        "悦子/エツコ",
        "静江/シズエ",
        "久美子/クミコ",
        "登喜子/トキコ",
        "ヨシ子/ヨシコ",
        "芳枝/ヨシエ",
        "貞子/サダコ",
    ]
)
MEN = tuple(
    pair.split("/")
    for pair in [
        "清/キヨシ",
        "実/ミノル",
        "正一/ショウイチ",
        "武/タケシ",
        "三郎/サブロウ",
        "喜一郎/キイチロウ",
        "昭二/ショウジ",
        "勇/イサム",
        "忠雄/タダオ",
        "義則/ヨシノリ",
        "徳治/トクジ",
        "榮/サカエ",
        "重信/シゲノブ",
        "健次/ケンジ",
        "辰夫/タツオ",
    ]
)
LEVELS = ("要支援１", "要支援２", "要介護１", "要介護２", "要介護３", "要介護４", "要介護５")
OFFICES = (
    ("汐見居宅介護支援事業所", "居宅介護支援事業者"),
    ("ケアプランセンター白樺", "居宅介護支援事業者"),
    ("月見町地域包括支援センター", "地域包括支援センター"),
    ("特別養護老人ホーム 松風園", "介護老人福祉施設"),
    ("老人保健施設 しらさぎ", "介護老人保健施設"),
    ("千早介護医療院", "介護医療院"),
)
HOSPITALS = (
    "汐見中央病院",
    "医療法人社団 白樺内科クリニック",
    "月見町立病院 整形外科",
    "千早脳神経外科",
    "杉沢診療所",
)
MEDICAL = ("架空県後期高齢者医療広域連合", "汐見市国民健康保険", "全国健康保険協会架空支部")
MEMOS = (
    "火曜・木曜は通所介護のため不在",
    "午前中を希望",
    "毎月10日は通院",
    "水曜の午後は都合が悪い",
)
RELATIONS = ("長男", "長女", "次女", "妻", "夫", "姪", "ケアマネジャー")


@dataclass
class Person:
    """What is written about one resident; `facts` is keyed like the fields of a truth file."""

    facts: dict[str, str]
    city: str
    insurer_no: str
    reference: str
    token: str
    check: str
    extra: dict[str, str] = field(default_factory=dict)


def wareki(day: date) -> str:
    """Write a date in its era."""
    eras = ((2019, 5, 1, "令和", 2018), (1989, 1, 8, "平成", 1988), (1926, 12, 25, "昭和", 1925))
    for year, month, first, name, base in eras:
        if day >= date(year, month, first):
            return f"{name}{day.year - base}年{day.month}月{day.day}日"
    return f"大正{day.year - 1911}年{day.month}月{day.day}日"


def make_person(rng: Random) -> Person:
    """Invent one resident whose certification is about to end."""
    prefecture, county, city, insurer = rng.choice(CITIES)
    insurer = insurer[:5] + str(insurer_check_digit(insurer[:5]))
    man = rng.random() < 0.4  # noqa: PLR2004 - more women than men grow old
    surname, surname_kana = rng.choice(SURNAMES)
    given, given_kana = rng.choice(MEN if man else WOMEN)
    birth = date(1928, 1, 1) + timedelta(rng.randrange(11300))
    begin, end, applied = _period(rng)
    issued = begin - timedelta(rng.randrange(3, 25))
    office, office_kind = rng.choice(OFFICES)
    place = f"{prefecture}{county}{city}"
    doctor, medical = rng.choice(SURNAMES)[0], rng.choice(MEDICAL)
    facts = {
        "addressee": f"（あて先）{city}長",
        "apply_date": wareki(applied),
        "hihokensha_no": _insured_no(rng),
        "hokensha_no": insurer,
        "hokensha_name": city,
        "kojin_no": _individual_no(rng),
        "name": f"{surname}　{given}",
        "kana": f"{surname_kana}　{given_kana}",
        "birth": wareki(birth),
        "sex": "男" if man else "女",
        "zip": _postal(rng),
        "addr": place + _street(rng),
        "tel": _phone(rng),
        "level": rng.choice(LEVELS),
        "valid_from": wareki(begin),
        "valid_to": wareki(end),
        "cert_date": wareki(issued),
        "issue_date": wareki(issued + timedelta(rng.randrange(6))),
        "iryo_hokensha_mei": medical,
        "iryo_hokensha_no": _medical_no(rng),
        "iryo_hihokensha_no": f"{rng.randrange(10**7, 10**8)}",
        "daiko_name": office,
        "daiko_zip": _postal(rng),
        "daiko_addr": place + _street(rng),
        "daiko_tel": _phone(rng),
        "doctor": f"{doctor}　{rng.choice(MEN + WOMEN)[0]}",
        "hospital": rng.choice(HOSPITALS),
        "hospital_addr": place + _street(rng),
        "hospital_tel": _phone(rng),
        "signature": f"{surname}　{given}",
        "tachiai": f"{surname}　{rng.choice(MEN + WOMEN)[0]}",
        "zokugara": rng.choice(RELATIONS),
        "tachiai_tel": _phone(rng),
        "chosa_memo": rng.choice(MEMOS),
        "limit": f"1月当たり {rng.choice((5032, 10531, 16765, 19705, 27048, 30938)):,}単位",
        "office": office,
        "opinion1": rng.choice(
            ("転倒に注意し、機能訓練を続けること。", "口腔ケアの利用が望ましい。")
        ),
        "acquired": wareki(date(birth.year + 75, birth.month, min(birth.day, 28))),
        "expiry": wareki(date(2026, 7, 31)),
        "burden": rng.choice(("１割", "２割", "３割")),
        "consent": "同意する" if rng.random() < 0.9 else "同意しない",  # noqa: PLR2004 - few refuse
        "attendee": rng.choice(("家族", "介護支援専門員", "施設職員", "立会いなし")),
        "place": rng.choice(("自宅", "自宅", "施設", "医療機関")),
        "haiyo": rng.choice(("耳が遠い", "玄関に段差があります", "", "認知症のため家族が同席")),
        "kinyu": wareki(applied - timedelta(rng.randrange(2, 40))),
    }
    if rng.random() < 0.35:  # noqa: PLR2004 - about a third live in a named building
        facts["bldg"] = f"{rng.choice(BUILDINGS)}{rng.randrange(101, 510)}号"
    if rng.random() < 0.35:  # noqa: PLR2004 - about a third were in hospital
        gone = applied - timedelta(rng.randrange(60, 150))
        back = gone + timedelta(rng.randrange(6, 50))
        facts["nyuin_name"] = rng.choice(HOSPITALS)
        facts["nyuin_period"] = f"{wareki(gone)}～{wareki(back)}"
    facts["nyuin"] = "有" if "nyuin_name" in facts else "無"
    return Person(
        facts,
        city,
        insurer,
        f"R8-{rng.randrange(10**5, 10**6)}",
        f"{rng.getrandbits(88):022x}",
        f"{rng.getrandbits(160):040x}",
        {"office_kind": office_kind, "seal": surname, "printed": applied.isoformat()},
    )


def _period(rng: Random) -> tuple[date, date, date]:
    """When the certification began and ends, and when somebody applied to renew it."""
    applied = TODAY - timedelta(rng.randrange(0, 60))
    ends = applied + timedelta(rng.randrange(20, 60))
    month = date(ends.year + ends.month // 12, ends.month % 12 + 1, 1)
    months = rng.choice((6, 12, 24, 36, 48))
    whole = month.year * 12 + month.month - 1 - months
    return date(whole // 12, whole % 12 + 1, 1), month - timedelta(1), applied


def _insured_no(rng: Random) -> str:
    return f"{rng.choice(('00', '01', '10', '30'))}{rng.randrange(10**8):08}"


def _individual_no(rng: Random) -> str:
    """Twelve digits whose check digit is always wrong, so that they can be nobody's."""
    total, body = 0, f"{rng.randrange(10**11):011}"
    for place, digit in enumerate(reversed(body), start=1):
        total += int(digit) * (place + 1 if place <= 6 else place - 5)  # noqa: PLR2004 - as the rule counts
    rest = total % 11
    right = 0 if rest <= 1 else 11 - rest
    return f"{body}{(right + rng.randrange(1, 10)) % 10}"


def _medical_no(rng: Random) -> str:
    body = f"39{rng.randrange(10**5):05}"
    return body + str(insurer_check_digit(body))


def _postal(rng: Random) -> str:
    return f"{rng.randrange(10, 999):03}-{rng.randrange(10**4):04}"


def _phone(rng: Random) -> str:
    if rng.random() < 0.2:  # noqa: PLR2004 - some give a mobile number
        return f"090-{rng.randrange(10**4):04}-{rng.randrange(10**4):04}"
    return f"0{rng.randrange(101, 999)}-{rng.randrange(10, 99)}-{rng.randrange(10**4):04}"


def _street(rng: Random) -> str:
    town = rng.choice(TOWNS)
    if town.startswith(("字", "大字")) or rng.random() < 0.2:  # noqa: PLR2004 - some plots have no blocks
        return f"{town}{rng.randrange(1, 900)}番地{rng.choice(('', str(rng.randrange(1, 30))))}"
    block, plot, house = rng.randrange(1, 9), rng.randrange(1, 40), rng.randrange(1, 40)
    if rng.random() < 0.5:  # noqa: PLR2004 - both ways of writing are usual
        return f"{town}{block}丁目{plot}番{house}号"
    return f"{town}{block}-{plot}-{house}"

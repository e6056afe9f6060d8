"""The front of the demo city's renewal form: the printed blank, and what a provider's software typed on it."""

from datetime import date

from procedures.codes import SHARED, label
from procedures.wareki import format_ja
from provisioning.demo.samples.paper import LABEL, Box, Fonts, Paper
from provisioning.demo.samples.people import CITY, Person

WHITE = (253, 253, 251)
LEFT, LABELS, VALUES, RIGHT = 14.0, 22.0, 48.0, 196.0
LEVELS = ("12", "13", "21", "22", "23", "24", "25")
_CONSENT = (
    "　介護サービス計画の作成や認定審査のために必要があるときは、認定調査の内容、審査会の判定結果と意見、",
    "主治医意見書の写しを、地域包括支援センター、居宅介護支援事業者、サービス事業者、介護保険施設、主治医、",
    "認定調査員に市が示すことについて、",
)


class FrontForm:
    """The front side as the city prints it; drawn once, typed on for each person."""

    def __init__(self, fonts: Fonts) -> None:
        self._blank = Paper(210, 297, fonts, WHITE)
        self.circles: dict[tuple[str, str], Box] = {}
        self._print_head()
        self._print_insured()
        self._print_history()
        self._print_filer()
        self._print_physician()
        self._print_consent()
        self._print_foot()

    @property
    def printed(self) -> Paper:
        """What the press prints, before anything is typed on it."""
        return self._blank.copy()

    def fill(self, person: Person, pen: Fonts | None = None) -> Paper:
        """Draw the front of one person's application, written with this pen."""
        sheet, truth = self._blank.copy(pen), person.truth
        for key, (x, y), size, width in PLACES:
            sheet.text((x, y), _shown(key, truth.get(key, "")), size, width=width)
        sheet.digits((50, 46.5, 60, 7), 10, truth["insured_no"])
        for key, code in truth.items():
            circle = self.circles.get((key, code))
            if circle:
                sheet.circle(circle)
        stay = (truth.get("current_place.past_from", ""), truth.get("current_place.past_to", ""))
        if all(stay):
            sheet.text((94, 147), "　～　".join(_shown("prev_valid_to", day) for day in stay), 9.5)
        if person.qr_payload:
            sheet.qr((174, 9), 21, person.qr_payload)
            sheet.text((184.5, 33), person.reference, 7, anchor="mm")
        return sheet

    def _offer(
        self, key: str, codes: tuple[str, ...], place: tuple[float, float], gap: float, size: float
    ) -> None:
        """Print the choices of one field and remember where to circle them."""
        words = [_OFFERED.get((key, code)) or label(SHARED[_LISTS[key]], code) for code in codes]
        for code, circle in zip(codes, self._blank.choices(place, words, gap, size), strict=True):
            self.circles[key, code] = circle

    def _row(self, top: float, height: float, words: str) -> None:
        self._blank.cell((LABELS, top, VALUES - LABELS, height), words)
        self._blank.box((VALUES, top, RIGHT - VALUES, height))

    def _section(self, top: float, bottom: float, words: str) -> None:
        self._blank.box((LEFT, top, RIGHT - LEFT, bottom - top), line=0.6)
        self._blank.line((LABELS, top), (LABELS, bottom))
        pitch = min(8.0, (bottom - top) / (len(words) + 0.4))
        start = (top + bottom) / 2 - pitch * (len(words) - 1) / 2
        self._blank.column((LEFT + 4, start), words, 9, pitch)

    def _print_head(self) -> None:
        page = self._blank
        page.text((14, 11), "様式第５号（第８条関係）", 7.5, colour=LABEL)
        page.text((94, 22), "介護保険　要介護認定・要支援認定　更新申請書", 15, anchor="mm")
        page.text((16, 33), f"（宛先）{CITY}長", 10.5)
        page.text((16, 40), "次のとおり更新の認定を申請します。", 9)
        page.text((100, 40), "申請年月日", 9, colour=LABEL)

    def _print_insured(self) -> None:
        page = self._blank
        self._row(45, 10, "被保険者番号")
        page.digits((50, 46.5, 60, 7), 10)
        page.cell((113, 45, 20, 10), "個人番号")
        page.digits((135, 46.5, 59, 7), 12)
        page.cell((22, 55, 26, 6), "フリガナ")
        page.cell((22, 61, 26, 12), "氏　　名")
        page.line((48, 61), (124, 61), 0.1)
        page.cell((124, 55, 22, 9), "生年月日")
        page.box((146, 55, 50, 9))
        page.cell((124, 64, 22, 9), "性別")
        page.box((146, 64, 50, 9))
        self._offer("sex", ("1", "2"), (160, 68.5), 13, 10)
        self._row(73, 14, "住　　所")
        page.text((50, 77), "〒", 9)
        page.cell((146, 73, 18, 14), "電話番号")
        self._row(87, 14, "医療保険")
        page.box((VALUES, 87, RIGHT - VALUES, 7))
        for x, y, width, words in (
            (48, 87, 22, "医療保険者名"),
            (132, 87, 20, "保険者番号"),
            (48, 94, 22, "記号"),
            (96, 94, 14, "番号"),
            (152, 94, 12, "枝番"),
        ):
            page.cell((x, y, width, 7), words, 7.5)

    def _print_history(self) -> None:
        page = self._blank
        self._row(101, 18, "前回の要介護\n認定の結果")
        self._offer("prev_result", LEVELS, (51, 105.5), 8.4, 9)
        page.box((VALUES, 110, RIGHT - VALUES, 9))
        page.cell((48, 110, 22, 9), "有効期間")
        page.text((110, 114.5), "から", 8.5, colour=LABEL)
        page.text((156, 114.5), "まで", 8.5, colour=LABEL)
        self._row(119, 16, "現在の所在")
        self._offer("current_place.kind", ("home", "hospital", "facility"), (52, 123), 12, 9)
        page.cell((132, 119, 16, 8), "電話", 7.5)
        page.cell((48, 127, 16, 8), "名称", 7.5)
        page.cell((114, 127, 16, 8), "所在地", 7.5)
        page.line((VALUES, 127), (RIGHT, 127))
        self._row(135, 16, "過去6か月の\n入院・入所")
        self._offer("current_place.past", ("yes", "no"), (53, 143), 7, 10)
        page.cell((76, 135, 16, 8), "名称", 7.5)
        page.cell((76, 143, 16, 8), "期間", 7.5)
        page.line((76, 143), (RIGHT, 143))
        self._section(45, 151, "被保険者")

    def _print_filer(self) -> None:
        page = self._blank
        self._row(151, 13, "名　　称")
        page.cell((132, 151, 18, 7), "事業所番号", 7)
        page.line((VALUES, 158), (RIGHT, 158))
        page.text((49.5, 161), "該当に○", 6.5, colour=LABEL)
        kinds = tuple(choice.code for choice in SHARED["filer_office_kind"])
        self._offer("filer.office_kind", kinds, (60.5, 161), 3.4, 6.2)
        self._row(164, 12, "住　　所")
        page.text((50, 167), "〒", 8)
        page.cell((132, 164, 18, 6), "電話番号", 7)
        page.cell((132, 170, 18, 6), "担当者", 7)
        page.line((132, 170), (RIGHT, 170))
        self._section(151, 176, "提出代行者")

    def _print_physician(self) -> None:
        page = self._blank
        self._row(176, 10, "主治医氏名")
        page.cell((92, 176, 18, 10), "医療機関", 7.5)
        page.cell((158, 176, 14, 10), "診療科", 7.5)
        self._row(186, 10, "所在地")
        page.cell((132, 186, 18, 10), "電話番号", 7.5)
        self._section(176, 196, "主治医")
        page.cell((LEFT, 198, VALUES - LEFT, 9), "特定疾病名\n（第２号被保険者のみ）", 7)
        page.box((VALUES, 198, RIGHT - VALUES, 9))
        page.box((LEFT, 198, RIGHT - LEFT, 9), line=0.6)

    def _print_consent(self) -> None:
        page = self._blank
        page.box((LEFT, 210, RIGHT - LEFT, 40), line=0.6)
        for index, words in enumerate(_CONSENT):
            page.text((17, 214.5 + 5 * index), words, 8.5)
        self._offer("consent_disclosure", ("yes", "no"), (76, 224.5), 14, 9)
        page.text((17, 231.5), "有効期間内に結果が出るときは、延期通知を省くことに", 8.5)
        self._offer("consent_skip_extension_notice", ("yes", "no"), (110, 231.5), 14, 9)
        page.text((90, 242.5), "本人氏名", 9, colour=LABEL)
        page.line((108, 246.5), (186, 246.5))

    def _print_foot(self) -> None:
        page = self._blank
        page.text(
            (14, 255),
            "添える書類　□ 介護保険被保険者証　□ 医療保険の資格が分かるもの（第２号被保険者）",
            8,
        )
        page.text(
            (14, 260), "※ 有効期間が満了する日の60日前から満了する日までに提出してください。", 8
        )
        for index, words in enumerate(
            ("受付", "資格確認", "入力", "調査依頼", "意見書依頼", "証の預り")
        ):
            page.box((LEFT + 24 * index, 265, 24, 18), colour=LABEL)
            page.line((LEFT + 24 * index, 270), (LEFT + 24 * index + 24, 270), colour=LABEL)
            page.text((LEFT + 24 * index + 12, 267.5), words, 7, anchor="mm", colour=LABEL)
        page.text((RIGHT, 285), "（裏面も記入してください）", 8, anchor="rm")


_LISTS = {
    "sex": "sex",
    "prev_result": "care_level",
    "current_place.kind": "place",
    "current_place.past": "yes_no",
    "filer.office_kind": "filer_office_kind",
    "consent_disclosure": "yes_no",
    "consent_skip_extension_notice": "yes_no",
}
# Words the form prints differently from the code list.
_OFFERED = {
    ("current_place.past", "yes"): "有",
    ("current_place.past", "no"): "無",
    ("consent_disclosure", "yes"): "同意します",
    ("consent_disclosure", "no"): "同意しません",
    ("consent_skip_extension_notice", "yes"): "同意します",
    ("consent_skip_extension_notice", "no"): "同意しません",
}
# Where each typed value stands: key, place of its left middle, size in points, width it must keep to.
PLACES: tuple[tuple[str, tuple[float, float], float, float], ...] = (
    ("application_date", (120, 40), 10.5, 50),
    ("name_kana", (50, 58), 9.5, 70),
    ("name", (50, 67), 16, 72),
    ("birth_date", (149, 59.5), 10.5, 45),
    ("postal_code", (55, 77), 9.5, 40),
    ("address", (50, 82.8), 10.5, 94),
    ("phone", (166, 80), 10, 29),
    ("medical_insurer_name", (72, 90.5), 9.5, 58),
    ("medical_insurer_no", (154, 90.5), 10, 40),
    ("symbol", (72, 97.5), 10, 22),
    ("number", (112, 97.5), 10, 38),
    ("branch_no", (166, 97.5), 10, 28),
    ("prev_valid_from", (73, 114.5), 10.5, 36),
    ("prev_valid_to", (119, 114.5), 10.5, 36),
    ("current_place.name", (66, 131), 9.5, 47),
    ("current_place.address", (132, 131), 9, 63),
    ("current_place.phone", (150, 123), 9.5, 44),
    ("current_place.past_name", (94, 139), 9.5, 100),
    ("filer.office_name", (50, 154.5), 10.5, 80),
    ("filer.office_no", (152, 154.5), 10, 42),
    ("filer.postal_code", (54, 167), 8.5, 40),
    ("filer.address", (50, 172.3), 9.5, 80),
    ("filer.phone", (152, 167), 9.5, 42),
    ("filer.person", (152, 173), 9.5, 42),
    ("physician.name", (50, 181), 11, 40),
    ("physician.hospital", (112, 181), 9.5, 45),
    ("physician.dept", (174, 181), 9.5, 21),
    ("physician.address", (50, 191), 9.5, 80),
    ("physician.phone", (152, 191), 9.5, 42),
    ("specified_disease", (50, 202.5), 10, 140),
    ("consent_name", (112, 242.5), 13, 70),
)
_DATES = {"application_date", "birth_date", "prev_valid_from", "prev_valid_to"}


def _shown(key: str, value: str) -> str:
    """Return a canonical value as a form shows it."""
    if value and key in _DATES:
        return format_ja(date.fromisoformat(value))
    if key == "specified_disease":
        return label(SHARED["disease16"], value)
    return value

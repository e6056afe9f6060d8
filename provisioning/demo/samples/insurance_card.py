"""The pink insured person's certificate (介護保険被保険者証): three panels side by side."""

from datetime import date, timedelta

from procedures.codes import SHARED, label
from procedures.wareki import format_ja
from provisioning.demo.samples.paper import LABEL, Fonts, Paper
from provisioning.demo.samples.people import CITY, Person

PINK = (250, 222, 226)
TINT = (245, 208, 214)
SEAL = (206, 62, 60)
_ADDRESS_LINE = 17
_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")


class InsuranceCard:
    """The certificate as the city prints it, 273 by 128 mm when it lies open."""

    def __init__(self, fonts: Fonts) -> None:
        self._blank = Paper(273, 128, fonts, PINK)
        self._print_first()
        self._print_second()
        self._print_third()
        for panel in ((6, 17, 80, 105), (97, 11, 80, 111), (188, 11, 79, 111)):
            self._blank.box(panel, line=0.5)
        for fold in (91, 182):
            self._blank.line((fold, 0), (fold, 128), 0.1, TINT)

    @property
    def printed(self) -> Paper:
        """What the press prints, before anything is typed on it."""
        return self._blank.copy()

    def fill(self, person: Person) -> Paper:
        """Draw one person's certificate."""
        sheet, truth = self._blank.copy(), person.truth
        sheet.digits((29, 20, 54, 7), 10, truth["insured_no"], 12)
        address = truth["address"].translate(_FULL_WIDTH)
        for index, begin in enumerate(range(0, len(address), _ADDRESS_LINE)):
            sheet.text((29, 34 + 5 * index), address[begin : begin + _ADDRESS_LINE], 9)
        sheet.text((29, 49), truth["name_kana"], 8.5, width=55)
        sheet.text((29, 57.5), truth["name"], 14, width=55)
        sheet.text((29, 68), _wide(truth["birth_date"]), 9.5, width=34)
        sheet.text((79, 68), label(SHARED["sex"], truth["sex"]), 10, anchor="mm")
        start = date.fromisoformat(truth["prev_valid_from"])
        sheet.text((29, 78), _wide((start - timedelta(days=9)).isoformat()), 9.5)
        sheet.digits((29, 88, 36, 7), 6, truth["insurer_no"], 12)
        level = label(SHARED["care_level"], truth["prev_result"]).translate(_FULL_WIDTH)
        sheet.text((127, 16.5), level, 13)
        sheet.text((127, 27.5), _wide((start - timedelta(days=12)).isoformat()), 9.5)
        period = f"{_wide(truth['prev_valid_from'])}～{_wide(truth['prev_valid_to'])}"
        sheet.text((124, 38.5), period, 8.5, width=53)
        sheet.text((224, 56), truth["filer.office_name"], 8.5, width=42)
        return sheet

    def _print_first(self) -> None:
        page = self._blank
        page.text((46, 9), "介護保険被保険者証", 15, anchor="mm")
        rows = (
            (17, 13, "番号"),
            (30, 15, "住所"),
            (45, 7, "フリガナ"),
            (52, 11, "氏名"),
            (63, 10, "生年月日"),
        )
        for top, height, words in (*rows, (73, 10, "交付年月日")):
            page.cell((6, top, 21, height), words, 8, TINT)
            page.box((27, top, 59, height))
        page.cell((63, 63, 11, 10), "性別", 8, TINT)
        page.cell((6, 83, 21, 39), "保険者番号\n並びに\n保険者の\n名称及び印", 8, TINT)
        page.text((29, 102), CITY, 14)
        page.text((29, 110), "岩手県盛岡市見本町一丁目１番１号", 7)
        page.text((29, 115), "電話　019-000-0100", 7)
        page.box((65, 86, 18, 18), line=0.5, colour=SEAL)
        for index, words in enumerate(("盛岡", "市長", "之印")):
            page.text((74, 89.5 + 5.5 * index), words, 11, anchor="mm", colour=SEAL)

    def _print_second(self) -> None:
        page = self._blank
        rows = (
            (11, 11, "要介護状態\n区分等"),
            (22, 11, "認定年月日"),
            (33, 11, "認定の\n有効期間"),
        )
        for top, height, words in rows:
            page.cell((97, top, 25, height), words, 8, TINT)
            page.box((122, top, 55, height))
        page.cell((97, 44, 25, 44), "居宅\nサービス等", 8, TINT)
        page.text((124, 50), "区分支給限度基準額", 7.5, colour=LABEL)
        page.line((122, 56), (177, 56))
        page.text((124, 61), "サービスの種類　　種類支給限度基準額", 7, colour=LABEL)
        page.line((122, 66), (177, 66), 0.1)
        page.cell((97, 88, 25, 34), "認定審査会の\n意見及び\nサービスの\n種類の指定", 7.5, TINT)
        page.box((122, 88, 55, 34))

    def _print_third(self) -> None:
        page = self._blank
        page.cell((188, 11, 34, 36), "給付制限", 8, TINT)
        page.text((226, 16), "内容　　　　　期間", 7.5, colour=LABEL)
        for y in (21, 30, 38.5):
            page.line((222, y), (267, y), 0.1)
        page.cell((188, 47, 34, 36), "居宅介護支援\n事業者の名称", 8, TINT)
        page.box((222, 47, 45, 36))
        page.cell((188, 83, 34, 39), "介護保険施設等", 8, TINT)
        for index, words in enumerate(("種類", "名称", "入所等年月日　　退所等年月日")):
            page.text((224, 89 + 12 * index), words, 7, colour=LABEL)
            page.line((222, 95 + 12 * index), (267, 95 + 12 * index), 0.1)


def _wide(iso: str) -> str:
    return format_ja(date.fromisoformat(iso)).translate(_FULL_WIDTH)

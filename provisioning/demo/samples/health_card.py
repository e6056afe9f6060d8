"""The small certificate of the medical insurance (資格確認書), which followed the old health-insurance card."""

from datetime import date

from procedures.codes import SHARED, label
from procedures.wareki import format_ja
from provisioning.demo.samples.paper import Fonts, Paper
from provisioning.demo.samples.people import Person

BLUE = (222, 235, 243)
TINT = (205, 224, 236)
_ROWS = ("被保険者番号", "氏　　名", "生年月日", "住　　所", "有効期限")


class HealthCard:
    """The certificate as an insurer prints it, 128 by 91 mm."""

    def __init__(self, fonts: Fonts) -> None:
        self._blank = Paper(128, 91, fonts, BLUE)
        page = self._blank
        for index, words in enumerate(_ROWS):
            page.cell((6, 18 + 11 * index, 30, 11), words, 8.5, TINT)
            page.box((36, 18 + 11 * index, 86, 11))
        page.box((6, 18, 116, 55), line=0.5)
        page.text((80, 45.5), "性別", 8.5)
        page.text((6, 79), "保険者番号", 8.5)
        page.text((6, 85.5), "保険者名", 8.5)

    @property
    def printed(self) -> Paper:
        """What the press prints, before anything is typed on it."""
        return self._blank.copy()

    def fill(self, person: Person, today: date) -> Paper:
        """Draw one person's certificate; it ends on the last day of the coming July."""
        sheet, truth = self._blank.copy(), person.truth
        elder = truth["medical_insurer_no"].startswith("39")
        sheet.text(
            (64, 9.5), "後期高齢者医療資格確認書" if elder else "資格確認書", 14, anchor="mm"
        )
        symbol = f"記号　{truth['symbol']}　　番号　" if "symbol" in truth else ""
        branch = f"　（枝番）{truth['branch_no']}" if "branch_no" in truth else ""
        sheet.text((39, 23.5), symbol + truth["number"] + branch, 11, width=80)
        sheet.text((39, 32), truth["name_kana"], 6.5)
        sheet.text((39, 36.5), truth["name"], 12)
        sheet.text((39, 45.5), format_ja(date.fromisoformat(truth["birth_date"])), 10)
        sheet.text((92, 45.5), label(SHARED["sex"], truth["sex"]), 10)
        sheet.text((39, 56.5), truth["address"], 9.5, width=80)
        ends = date(today.year + (today >= date(today.year, 8, 1)), 7, 31)
        sheet.text((39, 67.5), format_ja(ends), 10)
        sheet.text((30, 79), truth["medical_insurer_no"], 11)
        sheet.text((30, 85.5), truth["medical_insurer_name"], 9.5)
        return sheet

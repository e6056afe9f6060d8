"""The back of the demo city's renewal form: whom the surveyor calls, and when."""

from procedures.codes import SHARED, Choices
from provisioning.demo.samples.paper import LABEL, Box, Fonts, Paper
from provisioning.demo.samples.people import Person
from provisioning.demo.samples.renewal_front import LEFT, RIGHT, WHITE

PLACES: tuple[tuple[str, float, str], ...] = (
    ("survey.contact", 46, "連絡先の氏名"),
    ("survey.relation", 58, "本人との関係"),
    ("survey.phone", 70, "日中の電話番号"),
    ("survey.bad_days", 106, "都合の悪い日"),
)
_NOTES = (
    "１　認定調査員が調査の場所にうかがい、心身の状態をお聞きします。所要時間は１時間ほどです。",
    "２　調査の日は、上の連絡先に電話をして決めます。日中につながる番号を書いてください。",
    "３　主治医意見書は市から医療機関に依頼します。最近受診していない方は先に受診してください。",
    "４　結果は申請の日から原則として30日以内にお知らせします。",
    "５　この申請書に書かれたことは、介護保険の事務のほかには使いません。",
)


class BackForm:
    """The back side as the city prints it; drawn once, typed on for each person."""

    def __init__(self, fonts: Fonts) -> None:
        self._blank = Paper(210, 297, fonts, WHITE)
        self.circles: dict[tuple[str, str], Box] = {}
        page = self._blank
        page.text((14, 16), "（裏面）", 9, colour=LABEL)
        page.text((105, 25), "認定調査についての連絡先・希望", 15, anchor="mm")
        page.text((14, 35), "整理番号", 8, colour=LABEL)
        for _, middle, words in PLACES:
            page.cell((LEFT, middle - 6, 44, 12), words, 9)
            page.box((LEFT + 44, middle - 6, RIGHT - LEFT - 44, 12))
        self._offer("survey.attendee", 82, "調査の立会い", SHARED["attendee"])
        self._offer("survey.place", 94, "調査の場所", SHARED["place"])
        page.cell((LEFT, 112, 44, 24), "配慮が必要なこと", 9)
        page.box((LEFT + 44, 112, RIGHT - LEFT - 44, 24))
        page.box((LEFT, 40, RIGHT - LEFT, 96), line=0.6)
        page.text((14, 148), "認定調査と主治医意見書について", 10)
        for index, words in enumerate(_NOTES):
            page.text((16, 157 + 8 * index), words, 9)
        page.box((LEFT, 206, RIGHT - LEFT, 60), colour=LABEL)
        page.text((LEFT + 3, 212), "市の記入欄", 8, colour=LABEL)
        for y in (222, 233, 244, 255):
            page.line((LEFT + 4, y), (RIGHT - 4, y), 0.1, LABEL)

    @property
    def printed(self) -> Paper:
        """What the press prints, before anything is typed on it."""
        return self._blank.copy()

    def fill(self, person: Person, pen: Fonts | None = None) -> Paper:
        """Draw the back of one person's application, written with this pen."""
        sheet, truth = self._blank.copy(pen), person.truth
        sheet.text((32, 35), person.reference, 8)
        for key, middle, _ in PLACES:
            sheet.text((LEFT + 48, middle), truth.get(key, ""), 12, width=120)
        sheet.text((LEFT + 48, 118), truth.get("survey.notes", ""), 12, width=120)
        for key, code in truth.items():
            circle = self.circles.get((key, code))
            if circle:
                sheet.circle(circle)
        return sheet

    def _offer(self, key: str, middle: float, words: str, choices: Choices) -> None:
        self._blank.cell((LEFT, middle - 6, 44, 12), words, 9)
        self._blank.box((LEFT + 44, middle - 6, RIGHT - LEFT - 44, 12))
        circles = self._blank.choices(
            (LEFT + 48, middle), [choice.ja for choice in choices], 12, 10
        )
        for choice, circle in zip(choices, circles, strict=True):
            self.circles[key, choice.code] = circle

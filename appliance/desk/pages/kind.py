"""Recognises what kind of page it is from its title, or from its printed words when the title cannot be read."""

import re
from collections.abc import Sequence

from appliance.desk.pages.piece import Piece
from appliance.desk.pages.sheet import Kind
from appliance.desk.pages.writing import bare

LONGEST_TITLE = 30
TITLES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "form_back",
        re.compile(r"^[(（]?裏面[)）]?$|^認定調査(について|の).{0,4}(連絡先|希望).{0,8}$"),
    ),
    ("form_front", re.compile(r"更新申請書|更新認定申請書|(認定|支援)等?申請書")),
    # A title whose end cannot be read; the opinion's and the notice's go on otherwise.
    ("form_front", re.compile(r"^要介護認定要支援認定(?!.*[に意見結通知]).{2,6}$")),
    ("physician_opinion", re.compile(r"^.{0,4}主治医意見書.{0,4}$")),
    ("medical_insurance", re.compile(r"資格確認書|資格情報のお知らせ|(医療|健康保険)被保険者証")),
    ("insurance_card", re.compile(r"^介護保険(被|负|披)保険者証$")),
)
"""Tried in this order on every line; the attachments listed on a form are longer than any title."""
MARKS: dict[Kind, tuple[str, ...]] = {
    "form_front": (
        "申請年月日",
        "個人番号",
        "前回の要介護",
        "認定有効期間",
        "主治医の氏名",
        "主治医氏名",
        "本人氏名",
        "特定疾病名",
        "提出代行者",
    ),
    "insurance_card": (
        "交付年月日",
        "認定年月日",
        "有効期間",
        "要介護状態",
        "給付制限",
        "区分支給限度",
        "介護保険施設等",
        "認定審査会",
    ),
    "medical_insurance": (
        "資格取得年月日",
        "一部負担金",
        "有効期限",
        "発効期日",
        "保険者番号",
        "枝番",
    ),
    "form_back": ("連絡先の氏名", "日中の電話番号", "調査の場所", "調査の立会", "都合の悪い日"),
    "physician_opinion": ("診断名", "傷病に関する意見", "心身の状態に関する意見", "特記すべき事項"),
}
"""Printed words of which a page of this kind carries at least `ENOUGH_MARKS`, and other kinds fewer."""
ENOUGH_MARKS = 3


def kind_by_title(pieces: Sequence[Piece]) -> Kind | None:
    """Recognise the kind by a title among these pieces."""
    lines = [bare(piece.text) for piece in pieces]
    short = [line for line in lines if len(line) <= LONGEST_TITLE]
    hits = [kind for kind, pattern in TITLES if any(pattern.search(line) for line in short)]
    if "form_front" in hits:
        return "form_front"
    return hits[0] if hits else None


def kind_by_marks(pieces: Sequence[Piece]) -> Kind | None:
    """Recognise the kind from all lines of a page: by a title lower than the writing, else by the printed words.

    None when no kind has enough of its words.
    """
    titled = kind_by_title(pieces)
    if titled is not None:
        return titled
    lines = [bare(piece.text) for piece in pieces]
    counts = {
        kind: sum(any(mark in line for line in lines) for mark in marks)
        for kind, marks in MARKS.items()
    }
    best = max(counts, key=lambda kind: counts[kind])
    return best if counts[best] >= ENOUGH_MARKS else None

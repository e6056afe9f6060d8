"""What somebody has to look at although it was read: pages assigned by order or likeness, poor pictures."""

from collections.abc import Mapping
from dataclasses import replace

from appliance.desk.application import Application, Flaw
from appliance.desk.batch import Batch
from appliance.desk.pages.split import Group, Split
from appliance.desk.sheets import FORM_BACK, FORM_FRONT, Sheet
from appliance.desk.totals import count


def doubted(batch: Batch, result: Split) -> Batch:
    """Ask for one look at each sheet that is where it is for its place or its likeness, if that is not enough here.

    Two papers that went in as one show a front and another's back; then an application is missing, a person has cards
    and no form, one form has no back, or a sheet belongs to nobody. A likeness is only worth something when everybody
    else is known.
    """
    groups = result.groups
    whole = count(batch, {}).gap == 0 and not any(group.form_missing for group in groups)
    paired = whole and not batch.loose() and all(_one_pair(batch, group) for group in groups)
    known = whole and all(group.named for group in groups)
    flaws: dict[int, Flaw] = {}
    for group in groups:
        for number in (*group.by_order, *(() if paired else group.by_leaf)):
            flaws[number] = _by_order(batch.sheet(number))
        for number in (*group.by_likeness, *(() if known else group.alike)):
            flaws[number] = _by_likeness(batch.sheet(number))
    items = tuple(_with(item, flaws) for item in batch.applications)
    return replace(batch, applications=items)


def _one_pair(batch: Batch, group: Group) -> bool:
    kinds = [batch.sheet(number).kind for number in group.sheets]
    return kinds.count(FORM_FRONT) == kinds.count(FORM_BACK) == 1


def _with(item: Application, flaws: Mapping[int, Flaw]) -> Application:
    told = tuple(flaws[number] for number in item.sheets if number in flaws)
    return item if item.handed or item.confirmed else replace(item, flaws=(*item.flaws, *told))


def _by_order(sheet: Sheet) -> Flaw:
    return Flaw(
        check="by_order",
        severity="warn",
        field=sheet.kind,
        ja=f"{sheet.place}枚目{_side(sheet)}は、束の順番だけでこの方の用紙としました。",
        en=f"Sheet {sheet.place} is here only for its place in the stack.",
        remedy_ja="画像を見て、この方の用紙か確かめてください。違うときは正しい方へ移してください。",
        remedy_en="Look whether it is this person's; if not, put it where it belongs.",
        mend="bus",
    )


def _side(sheet: Sheet) -> str:
    return {"front": "の表", "back": "の裏"}.get(sheet.side, "")


def _by_likeness(sheet: Sheet) -> Flaw:
    return replace(
        _by_order(sheet),
        check="by_likeness",
        ja=f"{sheet.place}枚目{_side(sheet)}は番号が読めず、氏名などが似ているためこの方の用紙としました。",
        en=f"Sheet {sheet.place} has no number that was read; it is here for its likeness.",
    )


def spoiled_flaw(sheet: Sheet) -> Flaw:
    """Say why another picture would be better; after the last try the sheet passes, and this stays as a remark."""
    left = sheet.tries_left
    return Flaw(
        check="quality",
        severity="warn" if left else "info",
        field=sheet.kind,
        ja=f"{sheet.place}枚目{_side(sheet)}は、写りがよくありません。",
        en=f"The picture of sheet {sheet.place} is not good.",
        remedy_ja="一覧から、この用紙だけを入れ直してください。"
        if left
        else f"{sheet.tries}回試しました。このまま受け付け、画質の注意を市役所に伝えます。",
        remedy_en="Feed this sheet alone again, from the list."
        if left
        else f"It was tried {sheet.tries} times. It passes as it is, and city hall is told.",
        mend="bus",
    )

"""procedures.itembank: what people are asked about a visit, and which answers count."""

import pytest

from procedures.errors import ProcedureError
from procedures.itembank import FREE_MAX, AnswerError, item_bank, parse_bank

# The ids of the trial's design: each keeps its meaning and its type, so that trials compare.
TYPES = {
    "S": "Q01 Q02 Q03 Q04 Q05 Q06 Q07 Q08 Q09 B04 B05 T01 T02 T04 T05",
    "N": "Q13 B01 B02 B03 T03 O01",
    "M": "Q10 Q11 Q12 Q14 B06 T06 O02",
    "F": "Q15 Q16 T07 O03",
}
SMALL = """
version = "1"
[scale]
1 = {ja = "一", en = "1"}
2 = {ja = "二", en = "2"}
3 = {ja = "三", en = "3"}
4 = {ja = "四", en = "4"}
5 = {ja = "五", en = "5"}
[sheets]
provider = ["Q01"]
[items.Q01]
type = "S"
ja = "映像"
en = "Picture"
"""


def test_every_item_of_the_design_is_in_the_bank() -> None:
    """No id is missing, none is new, and each has its type."""
    wanted = {item: kind for kind, ids in TYPES.items() for item in ids.split()}
    assert {item: one.type for item, one in item_bank().items.items()} == wanted


def test_who_comes_to_the_counter_is_asked_two_questions_by_pressing_only() -> None:
    """Two items of five steps: nothing has to be typed."""
    for respondent in ("provider", "citizen"):
        assert [one.type for _, one in item_bank().sheet(respondent)] == ["S", "S"]
    assert item_bank().sheet("nobody") == []


@pytest.mark.parametrize(
    ("item", "given", "read"),
    [
        ("B05", ["4"], ("4",)),
        ("B05", [], ()),
        ("B05", ["", " "], ()),
        ("B02", [" 025 "], ("25",)),
        ("B06", ["plans", "list"], ("list", "plans")),
        ("T07", ["字" * FREE_MAX], ("字" * FREE_MAX,)),
    ],
)
def test_ok__answers(item: str, given: list[str], read: tuple[str, ...]) -> None:
    """One step, one number, several options in the bank's order, free words; nothing is a skip."""
    assert item_bank().read(item, given) == read


@pytest.mark.parametrize(
    ("item", "given"),
    [
        ("B05", ["6"]),
        ("B05", ["4", "5"]),
        ("B02", ["-1"]),
        ("B02", ["12345"]),
        ("B02", ["二"]),
        ("B06", ["list", "everything"]),
        ("T07", ["字" * (FREE_MAX + 1)]),
    ],
)
def test_fail__no_answer_of_this_item(item: str, given: list[str]) -> None:
    """What a form could only carry if somebody made it up."""
    with pytest.raises(AnswerError, match=item):
        item_bank().read(item, given)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version = "1"', ""),
        ('"S"', '"X"'),
        ('"S"', '"M"'),
        ('["Q01"]', '["Q02"]'),
        ("items.Q01", "items.q1"),
        ('en = "Picture"', 'en = "Picture"\noptions = [{code = "a", ja = "あ", en = "A"}]'),
        (
            'type = "S"',
            'type = "M"\noptions = [{code="a",ja="あ",en="A"},{code="a",ja="い",en="B"}]',
        ),
        ("[sheets]", "[sheets"),
        ("1 = {", "6 = {"),
    ],
)
def test_fail__a_broken_bank(old: str, new: str) -> None:
    """A mistake in the file is told with its place."""
    assert parse_bank(SMALL).version == "1"
    with pytest.raises(ProcedureError, match=r"items\.toml"):
        parse_bank(SMALL.replace(old, new, 1))

"""The provider's list: bytes in many ways of writing become people under their numbers, and every fault is told."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.desk.partners import Refused
from appliance.desk.providerlist.cell import canonical
from appliance.desk.providerlist.columns import propose, shape_of
from appliance.desk.providerlist.learnt import FOLDER, PROVIDERS_MAX, SHAPES_MAX, Learnt
from appliance.desk.providerlist.people import People, people_of, said_of
from appliance.desk.providerlist.table import BYTES_MAX, CELL_MAX, COLUMNS_MAX, ROWS_MAX, read_table
from procedures.definition import load
from tests.support.garbage import damaged

FORM = load("care-renewal")
HEAD = "利用者番号,利用者氏名,ﾌﾘｶﾞﾅ,生年月日,性別,被保険者番号,要介護度,認定有効期間終了日,主治医,電話番号"
ROW = "1,髙橋　ハナ,ﾀｶﾊｼ ﾊﾅ,S12.12.25,女,0012345601,要介護3,R8.9.30,岩手　太郎,019-651-0000"
OTHER = "2,東海林　澄子,ショウジ　スミコ,昭和13年1月5日,女,12345602,要支援１,2026/09/30,,0196510001"
FREE = f"{HEAD}\r\n{ROW}\r\n{OTHER}\r\n"
STANDARD = "".join(
    f'"202104","0370101234","032011","00123456{n:02}","利用者　{sign}男","ﾘﾖｳｼｬ ﾄｸｵ","193{n}0105"\r\n'
    for n, sign in enumerate("一二三四五", 1)
)
"""As care plan software writes it: no headings, the version and the office in every line."""


def people(text: str) -> People:
    """Return the people of a list whose columns are taken as proposed."""
    table = read_table(text.encode("cp932"))
    return people_of(table, propose(table, FORM), FORM)


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_ok__a_list_is_read_in_every_usual_writing(encoding: str, delimiter: str) -> None:
    """Care software, spreadsheets, text editors."""
    table = read_table(FREE.replace(",", delimiter).encode(encoding))
    assert table.headings[1] == "利用者氏名"
    assert [row.line for row in table.rows] == [2, 3]


def test_the_headings_say_what_the_columns_are() -> None:
    """Half width or full, by the words that software uses."""
    proposed = propose(read_table(FREE.encode()), FORM)
    assert proposed == {
        1: "name",
        2: "name_kana",
        3: "birth_date",
        4: "sex",
        5: "insured_no",
        6: "prev_result",
        7: "prev_valid_to",
        8: "physician.name",
        9: "phone",
    }


def test_without_headings_the_content_says_it() -> None:
    """The office's ten digits are the same in every line, the person's are not."""
    proposed = propose(read_table(STANDARD.encode("cp932")), FORM)
    assert proposed == {3: "insured_no", 4: "name", 5: "name_kana", 6: "birth_date"}


def test_lines_above_the_headings_are_no_people() -> None:
    """Software prints a title first."""
    table = read_table(f"利用者一覧\r\n出力日,2026/8/25\r\n{FREE}".encode())
    assert (table.headings[1], len(table.rows)) == ("利用者氏名", 2)


def test_values_are_written_as_the_form_writes_them() -> None:
    """Eras, half-width kana, codes, and the zeros a spreadsheet took."""
    told = people(FREE).told
    assert dict(told["0012345601"])["birth_date"] == "1937-12-25"
    assert dict(told["0012345602"]) == {
        "name": "東海林　澄子",
        "name_kana": "ショウジ　スミコ",
        "birth_date": "1938-01-05",
        "sex": "2",
        "insured_no": "0012345602",
        "prev_result": "12",
        "prev_valid_to": "2026-09-30",
        "phone": "0196510001",
    }


@pytest.mark.parametrize(
    "cell",
    [
        "S12.12.25",
        "s121225",
        "昭12.12.25",
        "3121225",
        "19371225",
        "1937/12/25 0:00",
        "1937-12-25T00:00:00",
        "昭和十二年十二月二十五日",
    ],
)
def test_ok__a_date_in_any_writing(cell: str) -> None:
    """As exported by whatever software."""
    assert canonical("era_date", cell) == "1937-12-25"


@pytest.mark.parametrize(
    "cell", ["12345601", '="0012345601"', "12345601.0", "００１２３４５６０１"]
)
def test_ok__a_number_as_spreadsheets_write_it(cell: str) -> None:
    """The zeros before it come back."""
    assert canonical("insured_no", cell) == "0012345601"


@pytest.mark.parametrize(
    ("line", "label", "fact", "rule"),
    [
        (ROW.replace("0012345601", ""), None, "", "被保険者番号がありません"),
        (ROW.replace("0012345601", "00123X"), "被保険者番号", "00123X", "10桁"),
        (ROW.replace("S12.12.25", "S12.13.25"), "生年月日", "S12.13.25", "という日はありません"),
        (ROW.replace("要介護3", "要介護9"), "前回の要介護認定の結果", "要介護9", "選べるもの"),
        (ROW.replace("髙橋", "\ue000橋"), "氏名", "\ue000橋　ハナ", "外字"),
        (ROW.replace("岩手　太郎", "岩手,太郎"), None, "", "列の数が10ではなく11"),
    ],
)
def test_fail__each_bad_line_is_told(line: str, label: str | None, fact: str, rule: str) -> None:
    """Line, field, what stands there, and the rule; in both languages, with what happens."""
    table = read_table(f"{HEAD}\r\n{line}\r\n".encode())
    columns = propose(read_table(FREE.encode()), FORM)
    (problem,) = people_of(table, columns, FORM).problems
    assert (problem.line, problem.label.ja if problem.label else None) == (2, label)
    assert (problem.fact, rule in problem.rule.ja) == (fact, True)
    assert problem.rule.en
    assert problem.remedy.ja


def test_a_bad_value_costs_that_value_alone() -> None:
    """The person's other values are used."""
    told = people(f"{HEAD}\r\n{ROW.replace('S12.12.25', 'なし')}\r\n").told
    assert "birth_date" not in dict(told["0012345601"])
    assert dict(told["0012345601"])["name"] == "髙橋　ハナ"


def test_a_number_twice_with_other_words_is_told() -> None:
    """The earlier line counts."""
    found = people(f"{HEAD}\r\n{ROW}\r\n{ROW.replace('髙橋　ハナ', '及川　ミツ')}\r\n")
    assert [problem.line for problem in found.problems] == [3]
    assert "2行目" in found.problems[0].rule.ja
    assert dict(found.told["0012345601"])["name"] == "髙橋　ハナ"


def test_the_newest_certification_of_a_person_counts() -> None:
    """Software exports a line for each."""
    later = ROW.replace("R8.9.30", "R9.9.30").replace("要介護3", "要介護4")
    found = people(f"{HEAD}\r\n{ROW}\r\n{later}\r\n")
    assert (found.problems, dict(found.told["0012345601"])["prev_result"]) == ((), "24")


@pytest.mark.parametrize("head", ["個人番号", "備考"])
def test_individual_numbers_are_thrown_away_unread(head: str) -> None:
    """By the heading, and by the check digit wherever they stand."""
    table = read_table(f"氏名,被保険者番号,{head}\r\n髙橋,0012345601,1234 5678 9018\r\n".encode())
    assert (table.hidden, table.rows[0].cells[2]) == (1, "")


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"", "refused.list_empty"),
        (HEAD.encode(), "refused.list_empty"),
        (b"PK\x03\x04rest", "refused.list_excel"),
        (b"a,b\r\n1,\x81\xff\r\n", "refused.list_signs"),
        (b"a,b\r\n1,\0\r\n", "refused.list_signs"),
        (b'a,b\r\n1,"2\r\n', "refused.list_quotes"),
        (b"1," * (COLUMNS_MAX + 1), "refused.list_wide"),
        (b"1" * (CELL_MAX + 1), "refused.list_wide"),
        (b"1,2\n" * (ROWS_MAX + 1), "refused.list_rows"),
        (b"1" * (BYTES_MAX + 1), "refused.list_large"),
    ],
)
def test_fail__what_is_no_list_is_a_sentence(data: bytes, key: str) -> None:
    """Never a trace, never half a list."""
    with pytest.raises(Refused) as refused:
        read_table(data)
    assert refused.value.key == key


def test_ok__a_list_at_the_limit() -> None:
    """As many lines and columns as are allowed."""
    line = ",".join(["1"] * COLUMNS_MAX)
    assert len(read_table((line + "\n").encode() * 100).rows) == 100
    assert len(read_table(b"1,2\n" * ROWS_MAX).rows) == ROWS_MAX


def test_another_persons_line_under_a_misread_number_gives_the_name_alone() -> None:
    """The difference is shown; nothing else of that line is taken."""
    said = said_of(
        [people(FREE)], "0012345601", [("name", "及川　ミツ"), ("birth_date", "1930-01-01")]
    )
    assert {key for key, _ in said} == {"name", "name_kana", "birth_date"}


def test_what_two_lists_say_of_one_person_comes_together() -> None:
    """The newer list goes first."""
    newer = people("被保険者番号,電話番号\r\n0012345601,019-651-9999\r\n")
    said = dict(said_of([newer, people(FREE)], "0012345601", []))
    assert (said["phone"], said["name"]) == ("019-651-9999", "髙橋　ハナ")


def test_columns_are_remembered_without_a_word_of_the_file(tmp_path: Path) -> None:
    """Column numbers and keys, under the provider's number."""
    shape = shape_of(read_table(FREE.encode()))
    Learnt(tmp_path).keep("0370101234", shape, {5: "insured_no", 1: "name"})
    assert Learnt(tmp_path).columns("0370101234", shape) == {5: "insured_no", 1: "name"}
    assert Learnt(tmp_path).columns("0370101234", "other") == {}
    assert "氏名" not in (tmp_path / FOLDER / "0370101234.json").read_text(encoding="utf-8")


def test_what_is_remembered_has_an_end(tmp_path: Path) -> None:
    """Shapes of one provider, and providers."""
    learnt = Learnt(tmp_path)
    for number in range(SHAPES_MAX + 1):
        learnt.keep("0370101234", f"shape {number}", {0: "name"})
    assert (learnt.columns("0370101234", "shape 0"), learnt.columns("0370101234", "shape 1")) == (
        {},
        {0: "name"},
    )
    for number in range(PROVIDERS_MAX - 1):
        (tmp_path / FOLDER / f"{number}.json").touch()
    learnt.keep("0999999999", "shape", {0: "name"})
    assert learnt.columns("0999999999", "shape") == {}


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"s": []}', '{"s": {"x": "name"}}', '{"s": {"1": "<b>"}}']
)
def test_a_spoilt_memory_is_learnt_anew(tmp_path: Path, text: str) -> None:
    """It costs a press."""
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "1.json").write_text(text, encoding="utf-8")
    assert Learnt(tmp_path).columns("1", "s") == {}
    Learnt(tmp_path).keep("1", "s", {1: "name"})
    assert Learnt(tmp_path).columns("1", "s") == {1: "name"}


@pytest.mark.parametrize("number", ["", "../secret", "a b"])
def test_a_strange_provider_number_is_no_file_name(tmp_path: Path, number: str) -> None:
    """Nothing is kept under it."""
    Learnt(tmp_path).keep(number, "s", {1: "name"})
    assert Learnt(tmp_path).columns(number, "s") == {}
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=150)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text('a1,\t"\r\n;０氏名被保険者番号', max_size=200).map(
            lambda text: text.encode("cp932")
        ),
        damaged(FREE.encode("cp932")),
    )
)
def test_fail__garbage_is_refused_or_read_within_the_limits(data: bytes) -> None:
    """A foreign file never gives another exception, however its columns are taken."""
    try:
        table = read_table(data)
    except Refused:
        return
    columns = propose(table, FORM) or dict.fromkeys(range(table.width), "insured_no")
    found = people_of(table, columns, FORM)
    assert len(found.told) <= len(table.rows)

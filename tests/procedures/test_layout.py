"""How a form is talked through: topics, groups, whom it is about, what both sides agree to; each mistake named."""

import pytest

from procedures.checks import Facts, examine
from procedures.definition import Procedure, ProcedureError, load, read
from procedures.marks import DEPARTMENT, TASK_STATES, mark, note_key, paper_key, task_key
from tests.support.forms import FILED, SMALL_FORM

CHILD = '{ section = "one", key = "child", type = "name", ja = "子", en = "child", repeat = 3 }'
ROWS = """\
{ section = "one", key = "child", type = "name", ja = "子", en = "child", group = "child", required = true },
{ section = "one", key = "school", type = "text", ja = "学校", en = "school", group = "child", required_if = [
  { field = "child", is = ["次郎"] }
] },
{ section = "one", key = "fee", type = "amount", ja = "額", en = "fee", group = "child", when = [
  { field = "colour", is = ["r"] }
] }"""
GROUPS = '[groups]\nchild = { ja = "子", en = "Child", most = 3, total = "fee" }\n[codes]'
SECTION = 'one = { ja = "一", en = "One" }'


def grouped(*changes: tuple[str, str]) -> Procedure:
    """Return the small form with rows of children, and pieces of its text replaced."""
    text = SMALL_FORM.replace(CHILD, ROWS).replace("[codes]", GROUPS)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read(text, "small.toml")


def test_a_begun_row_owes_its_answers() -> None:
    """The second child has a school's turn: the condition looks at its own row."""
    form = grouped()
    answers = {"name": "一", "ends": "2026-09-30", "child": "太郎", "child#2": "次郎", "fee#3": "1"}
    facts = Facts(answers, FILED, "032011", page_kinds=frozenset({"paper"}))
    found = {(one.field, one.sentence_ja) for one in examine(form, facts)}
    assert found == {
        ("child#3", "子（3）が書かれていません。"),
        ("school#2", "学校（2）が書かれていません。"),
    }


def test_what_no_longer_applies_is_left_out() -> None:
    """An answer stays with its question; without the colour nobody asks for a fee."""
    form = grouped()
    answers = {
        "colour": "r",
        "child": "太郎",
        "fee": "100",
        "child#2": "花",
        "fee#2": "50",
        "school": "一",
    }
    kept = form.applicable(answers)
    assert kept == {key: answers[key] for key in ("colour", "child", "child#2", "fee", "fee#2")}
    assert form.applicable(answers | {"colour": "b"}) == {
        "colour": "b",
        "child": "太郎",
        "child#2": "花",
    }


def test_departments_stand_behind_those_they_wait_for() -> None:
    """The tax office names the heirs before the payment office stops the transfer."""
    form = load("bereavement")
    answers = {
        "resident_tax": "yes",
        "bank_transfer": "yes",
        "pension": "yes",
        "insurance": "employer",
    }
    work = form.work_of(answers)
    assert list(work) == ["市民登録課", "医療助成年金課", "市民税課", "納税課"]
    assert [task.id for task in work["納税課"]] == ["transfer_stop"]


def test_whom_a_case_is_about() -> None:
    """A form says it, or has the usual keys."""
    assert load("bereavement").subject.name == "deceased.name"
    usual = load("care-renewal").subject
    assert (usual.name, usual.kana, usual.number) == ("name", "name_kana", "insured_no")


def test_marks_have_words() -> None:
    """What the desk notes is called by the form's own tasks and papers."""
    form = load("bereavement")
    task, paper = mark(form, task_key("pension")), mark(form, paper_key("identity"))
    assert task is not None
    assert task.choices == TASK_STATES
    assert paper is not None
    assert paper.label.ja == "来られた方の本人確認書類"
    note = mark(form, note_key(form, "納税課"))
    assert note is not None
    assert note.label.ja == "納税課への引き継ぎ"
    assert mark(form, DEPARTMENT) is not None
    others = ("deceased.name", "task.nothing", "paper.nothing", "note.9", "note.x")
    assert [mark(form, key) for key in others] == [None] * 5


@pytest.mark.parametrize(
    ("old", "new", "place", "remedy"),
    [
        (
            'id = "small"',
            'id = "a-form-with-so-long-a-name"',
            "id",
            "shorten or correct it, and name the file so",
        ),
        ('key = "child",', 'key = "task.child",', "fields[task.child].key", "rename the question"),
        (
            'group = "child", req',
            'group = "chld", req',
            "fields[child].group",
            "did you mean 'child'?",
        ),
        (
            'group = "child", required = true',
            'group = "child", repeat = 2',
            "fields[child].repeat",
            "leave repeat out",
        ),
        (
            'field = "colour", is = ["r"]',
            'field = "fee", is = ["r"]',
            "fields[fee].when",
            "move the question down, or wait for another one",
        ),
        ("most = 3", "most = 1", "groups.child.most", "correct the value"),
        (
            'total = "fee"',
            'total = "name"',
            "groups.child.total",
            "name another question, or leave total out",
        ),
        (
            SECTION,
            f'{SECTION}\ntwo = {{ ja = "二", en = "Two", departments = ["税務課"] }}',
            "sections.two.departments",
            "correct the name",
        ),
        (
            SECTION,
            f'zero = {{ ja = "〇", en = "Zero", result = true }}\n{SECTION}',
            "sections.one",
            "move it to the end of [sections]",
        ),
        (
            'en = "notice", required = true }',
            'en = "notice", departments = ["税務課"] }',
            "documents[paper].departments",
            "correct the name",
        ),
        (
            "[groups]",
            '[agreement]\nover = ["fee"]\nby = ["name"]\n[groups]',
            "agreement.by",
            "name the question in which that side says yes",
        ),
        (
            "[groups]",
            '[agreement]\nover = ["fees"]\nby = ["name"]\n[groups]',
            "agreement.over",
            "correct the name",
        ),
        (
            "[groups]",
            '[groups]\nempty = { ja = "空", en = "Empty", most = 2 }',
            "groups.empty",
            "give its questions the same section",
        ),
        (
            'pattern = "one_to_one"',
            'pattern = "one_stop"',
            "tasks",
            "add tasks = [...], or choose another pattern",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "[" not in value else None,
)
def test_fail__mistake_is_named(old: str, new: str, place: str, remedy: str) -> None:
    """Place and remedy of each mistake in the layout."""
    changes = [(old, new)]
    if place == "tasks":
        tasks = SMALL_FORM[SMALL_FORM.index("tasks = [") : SMALL_FORM.index("[codes]")]
        changes.append((tasks, ""))
    with pytest.raises(ProcedureError) as caught:
        grouped(*changes)
    assert (caught.value.place, caught.value.remedy) == (f"small.toml.{place}", remedy)


def test_fail__more_answers_than_a_record_holds() -> None:
    """The form is refused where it is written, not the person's case at the counter."""
    one = '{{ section = "one", key = "k{n}", type = "text", ja = "一", en = "one", repeat = 30 }},'
    many = "fields = [" + "".join(one.format(n=n) for n in range(17))
    with pytest.raises(ProcedureError, match="this form may have 526") as caught:
        grouped(("fields = [", many))
    assert caught.value.remedy == "let groups have fewer rows, or part the form"

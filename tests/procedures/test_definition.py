"""Reading a form file: what a good one becomes, and the sentence for each mistake a writer can make."""

import pytest

from procedures.definition import LARGEST_FILE, ProcedureError, load, names, read
from procedures.words import Words
from tests.support.forms import SMALL_FORM, small


def test_ok__read() -> None:
    """The small form is read whole."""
    form = small()
    assert (form.id, form.version, form.pattern) == ("small", "2026-04-01", "one_to_one")
    assert form.title == Words("小さな届", "Small notice")
    assert [field.key for field in form.fields] == ["name", "ends", "colour", "child"]
    assert [document.id for document in form.documents] == ["paper"]
    assert [check.id for check in form.checks] == ["too_early"]
    assert form.texts["thanks"].ja == "お預かりしました。"


def test_defaults() -> None:
    """What a writer leaves out has the usual meaning."""
    form = small()
    assert form.slot.cap_cases == 30
    assert form.window is not None
    assert (form.window.closes_days, form.window.duty_months, form.window.closed_day_rule) == (
        0,
        0,
        "none",
    )
    assert (form.fields[0].missing, form.fields[0].mend, form.fields[0].repeat) == (
        "block",
        "provider",
        1,
    )
    assert (form.documents[0].any_of, form.documents[0].custody) == (("paper",), "")
    assert form.identity.proxy_identity_mode == "messenger"


def test_own_code_list() -> None:
    """A form may bring its own code list, and its fields use it."""
    field = small().field("colour")
    assert field.normalise("あか") == "r"
    assert field.normalise("青") == "b"
    assert field.problem("g") is not None
    assert field.problem("g", "en") == "This is not one of the choices."


def test_own_list_replaces_a_shared_one() -> None:
    """A city may replace a shared list by its own of the same name."""
    text = SMALL_FORM.replace("colour = [{", "sex = [{").replace("code:colour", "code:sex")
    assert [choice.code for choice in read(text, "f").field("colour").choices] == ["r", "b"]


def test_field_by_repeated_key() -> None:
    """The second and third answer belong to the same question."""
    form = small()
    assert form.field("child#3") is form.field("child")
    assert list(form.field("child").answer_keys()) == ["child", "child#2", "child#3"]


def test_fail__field_by_key() -> None:
    """A key the form does not have raises."""
    with pytest.raises(KeyError):
        small().field("address")


def test_needed() -> None:
    """A field is needed always, never, or when its conditions hold."""
    form = small(
        'en = "colour", missing',
        'en = "colour", required_if = [{ field = "name", empty = false }], missing',
    )
    assert form.field("name").needed({})
    assert not form.field("child").needed({"name": "花"})
    assert form.field("colour").needed({"name": "花"})
    assert not form.field("colour").needed({})


def test_tasks_for() -> None:
    """Tasks come in the order in which they wait for each other."""
    assert [task.id for task in small().tasks_for({})] == ["first", "second"]


def test_tasks_by_condition() -> None:
    """A task may concern only some cases."""
    form = small(
        'ja = "一", en = "one" }',
        'ja = "一", en = "one", when = [{ field = "name", is = ["花"] }] }',
    )
    assert [task.id for task in form.tasks_for({"name": "花"})] == ["first", "second"]
    assert [task.id for task in form.tasks_for({})] == ["second"]


def test_hint() -> None:
    """A hint is read in both languages."""
    form = small(
        'en = "name",', 'en = "name", hint_ja = "戸籍のとおり", hint_en = "as registered",'
    )
    assert form.field("name").hint == Words("戸籍のとおり", "as registered")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "small"\n', "", "id: this key is required"),
        ('version = "2026-04-01"', 'version = "new"', "must be the day it takes effect"),
        ('version = "2026-04-01"', "version = 2026-04-01", "must be a text"),
        ('pattern = "one_to_one"', 'pattern = "one_to_on"', "did you mean 'one_to_one'"),
        ("departments = [", "department = [", "departments: this key is required"),
        (
            'title = { ja = "小さな届", en = "Small notice" }',
            'title = { ja = "小さな届" }',
            "title.en: this key is",
        ),
        ('title = { ja = "小さな届", en = "Small notice" }\n', "", "title: this table is required"),
        (
            "slot = { base_min = 10,",
            'slot = { base_min = "10",',
            "slot.base_min: must be a whole number",
        ),
        ("edge_grace_h = 72", "edge_grace_h = 73", "from 0 to 72"),
        ("edge_hard_cap_d = 7", "edge_hard_cap_d = 0", "from 1 to 31"),
        ('policy = "bus_receipt"', 'policy = "writing_day"', "bus_receipt, city_arrival"),
        ('individual_no = "off"', "individual_no = false", "must be a text"),
        ('individual_no = "off"', 'individual_no = "on"', "off, optional, required"),
        ('anchor = "ends"', 'anchor = "end"', "did you mean 'ends'"),
        ("opens_days = 60", "open_days = 60", "opens_days: this key is required"),
        ("opens_days = 60", 'opens_days = 60, closed_day_rule = "skip"', "next_open_day"),
        ('type = "name"', 'type = "nam"', "did you mean 'name'"),
        ('type = "code:colour"', 'type = "code:color"', "did you mean 'code:colour'"),
        ('key = "child"', 'key = "Child"', "must be a plain key"),
        ('key = "child"', 'key = "a.b.c"', "must be a plain key"),
        ('key = "child"', 'key = "name"', "'name' stands twice"),
        ('section = "one", key = "name"', 'section = "two", key = "name"', "must be one of one"),
        ('en = "name", required', 'en = "name", requird', "did you mean 'required'"),
        ('en = "name", required = true', 'en = "name", required = "yes"', "true or false"),
        ("repeat = 3", "repeat = 31", "from 1 to 30"),
        ("repeat = 3", "repeat = 0", "from 1 to 30"),
        ('missing = "warn"', 'missing = "warning"', "did you mean 'warn'"),
        ('missing = "warn"', 'mend = "nobody"', "bus, city, provider"),
        ('missing = "warn"', 'hint_ja = "赤か青"', "hint_en: this key is required"),
        (
            'missing = "warn"',
            'required_if = [{ field = "nam", is = ["x"] }]',
            "did you mean 'name'",
        ),
        ('id = "paper"', 'id = "paper", custody = "box"', "must be one of"),
        ('id = "paper"', 'id = "paper", any_of = "paper"', "list of texts"),
        ('id = "paper"', 'id = "paper", remedy_ja = "x"', "remedy_en: this key is required"),
        (
            'department = "窓口課", ja = "一"',
            'department = "税課", ja = "一"',
            "must be one of 窓口課",
        ),
        ('after = ["first"]', 'after = ["third"]', "after names tasks above"),
        ('after = ["first"]', 'after = ["second"]', "after names tasks above"),
        ('id = "second"', 'id = "first"', "'first' stands twice"),
        ('code = "b"', 'code = "r"', "'r' stands twice"),
        ('code = "b", ja', 'code = "b", jp', "ja: this key is required"),
        (
            'one = { ja = "一", en = "One" }',
            'one = { ja = "一" }',
            "sections.one.en: this key is required",
        ),
        ('one = { ja = "一", en = "One" }', 'one = "一"', "must be a table"),
        (
            'thanks = { ja = "お預かりしました。",',
            'thanks = { jp = "お預かりしました。",',
            "ja: this key is required",
        ),
        ('rule = "window_not_open"', 'rule = "window_not_opn"', "did you mean 'window_not_open'"),
        ('rule = "window_not_open"', 'rule = "always"', "rule 'always' needs when"),
        ('rule = "window_not_open"', 'rule = "after_field"', "rule 'after_field' needs other"),
        ('rule = "window_not_open"', 'rule = "missing"', "fills only its own places"),
        ('field = "ends"\n', 'field = "end"\n', "did you mean 'ends'"),
        ('severity = "block"', 'severity = "fatal"', "block, info, warn"),
        ('sentence_en = "{label} opens {opens}."', "", "sentence_en: this key is required"),
        ("{opens}からです", "{open}からです", "found {open}"),
        ("{opens}からです", "{opensからです", "braces stand in pairs"),
        ("{opens}からです", "{}からです", "fills only its own places"),
        ("{opens}からです", "{opens.year}からです", "fills only its own places"),
        ('mend = "provider"', 'mend = "provider"\nother = "nam"', "did you mean 'name'"),
        ('mend = "provider"', 'mend = "provider"\ncolour = 1', "'colour' is not known"),
        ("slot = {", "slots = {", "slot: this table is required"),
        ('id = "small"', 'id = "small', "must be TOML"),
        ('id = "small"', 'id = "small"\nnotes = "x"', "'notes' is not known"),
    ],
)
def test_fail__read(old: str, new: str, words: str) -> None:
    """Each mistake raises one sentence with place, rule, fact and remedy."""
    with pytest.raises(ProcedureError) as caught:
        small(old, new)
    error = caught.value
    assert words in str(error)
    assert error.place.startswith("small.toml")
    assert all((error.rule, error.fact, error.remedy))


def test_fail__window_rule_without_window() -> None:
    """A check that looks at the window needs the form to have one."""
    with pytest.raises(ProcedureError, match="needs window"):
        small('window = { anchor = "ends", opens_days = 60 }\n', "")


def test_size_limit() -> None:
    """A file may be as large as the limit, and not a byte larger."""
    filler = "#" * (LARGEST_FILE - len(SMALL_FORM.encode()))
    read(SMALL_FORM + filler, "f")
    with pytest.raises(ProcedureError, match="at most"):
        read(SMALL_FORM + filler + "#", "f")


def test_fail__nested_without_end() -> None:
    """A file nested deeper than the machine's stack is refused like any other wrong file."""
    with pytest.raises(ProcedureError, match="must be TOML"):
        read("x = " + "[" * 100_000, "f")


def test_names() -> None:
    """Eight forms ship with the product."""
    assert names() == (
        "bereavement",
        "building-preconsultation",
        "care-renewal",
        "health-insurance",
        "medical-benefit",
        "moving-out",
        "nursery",
        "water-contractor",
    )


@pytest.mark.parametrize("name", names())
def test_ok__load(name: str) -> None:
    """Each shipped form is valid and named for its file."""
    assert load(name).id == name


@pytest.mark.parametrize("name", ["care_renewal", "", "../care-renewal", "care-renewal.toml"])
def test_fail__load(name: str) -> None:
    """Only a shipped name can be loaded; a path cannot."""
    with pytest.raises(ProcedureError, match="no such form"):
        load(name)

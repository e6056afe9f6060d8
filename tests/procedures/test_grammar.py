"""The grammar's reading methods: each takes its kind of value and names the place of any other."""

from collections.abc import Callable

import pytest

from procedures.errors import ProcedureError
from procedures.grammar import LONGEST_LIST, Table
from procedures.words import Words


def table(**values: object) -> Table:
    """Return a table of the file `f`."""
    return Table(values, "f")


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda t: t.text("k"), "x"),
        (lambda t: t.one_of("k", ("x", "y")), "x"),
        (lambda t: t.flag("k"), True),
        (lambda t: t.whole("k"), 7),
        (lambda t: t.texts("k"), ("a", "b")),
    ],
)
def test_ok__read(read: Callable[[Table], object], value: object) -> None:
    """A value of the right kind is returned."""
    given = list(value) if isinstance(value, tuple) else value
    assert read(table(k=given)) == value


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (lambda t: t.text("k"), 1, "a text"),
        (lambda t: t.text("k"), "", "not empty"),
        (lambda t: t.one_of("k", ("block", "warn")), "blok", "did you mean 'block'"),
        (lambda t: t.one_of("k", ("block", "warn")), "zzz", "use one of block, warn"),
        (lambda t: t.flag("k"), "yes", "true or false"),
        (lambda t: t.flag("k"), 1, "true or false"),
        (lambda t: t.whole("k"), "1", "whole number"),
        (lambda t: t.whole("k"), True, "whole number"),
        (lambda t: t.whole("k"), 1.5, "whole number"),
        (lambda t: t.whole("k"), -1, "from 0 to"),
        (lambda t: t.whole("k", most=5), 6, "from 0 to 5"),
        (lambda t: t.texts("k"), "a", "list of texts"),
        (lambda t: t.texts("k"), ["a", 1], "list of texts"),
        (lambda t: t.texts("k"), [""], "list of texts"),
        (lambda t: t.table("k"), [], "a table"),
        (lambda t: list(t.tables("k")), {}, "a list of at most"),
        (lambda t: list(t.tables("k")), [1], "a table"),
    ],
)
def test_fail__read(read: Callable[[Table], object], value: object, words: str) -> None:
    """A value of another kind raises with place, rule, fact and remedy."""
    with pytest.raises(ProcedureError, match=words) as caught:
        read(table(k=value))
    error = caught.value
    assert error.place.startswith("f.k")
    assert all((error.rule, error.fact, error.remedy))


@pytest.mark.parametrize(
    "read",
    [
        lambda t: t.text("k"),
        lambda t: t.whole("k"),
        lambda t: t.texts("k"),
        lambda t: t.one_of("k", ("x",)),
    ],
)
def test_fail__missing(read: Callable[[Table], object]) -> None:
    """A key without a default is required."""
    with pytest.raises(ProcedureError, match="this key is required"):
        read(table())


@pytest.mark.parametrize(
    ("read", "default"),
    [
        (lambda t: t.text("k", "d"), "d"),
        (lambda t: t.text("k", ""), ""),
        (lambda t: t.flag("k"), False),
        (lambda t: t.whole("k", 3), 3),
        (lambda t: t.texts("k", ()), ()),
        (lambda t: t.table("k"), None),
        (lambda t: list(t.tables("k")), []),
    ],
)
def test_default(read: Callable[[Table], object], default: object) -> None:
    """A key that may be left out has its default."""
    assert read(table()) == default


def test_words_with_stem() -> None:
    """Words are read as a pair of keys."""
    assert table(hint_ja="あ", hint_en="a").words("hint") == Words("あ", "a")


def test_words_without_stem() -> None:
    """The pair may be the table itself."""
    assert table(ja="あ", en="a").words("") == Words("あ", "a")


def test_fail__words_in_one_language() -> None:
    """One language alone is not enough."""
    with pytest.raises(ProcedureError, match=r"f\.en: this key is required"):
        table(ja="あ").words("")


def test_words_default() -> None:
    """Words that may be left out have their default."""
    assert table().words("hint", Words("あ", "a")) == Words("あ", "a")


def test_fail__unknown_key() -> None:
    """A key that nobody asked for is a typing mistake, and the nearest known one is offered."""
    found = table(requierd=True)
    found.flag("required")
    with pytest.raises(ProcedureError, match="did you mean 'required'"):
        found.done()


def test_ok__done() -> None:
    """A table whose keys were all asked for is done."""
    found = table(k="x")
    found.text("k")
    found.done()


def test_names_count_as_asked() -> None:
    """A table of names may have any names."""
    found = table(a=1, b=2)
    assert found.names() == ("a", "b")
    found.done()


def test_tables_are_named_by_key_or_id() -> None:
    """A place names an entry by what its writer calls it."""
    found = table(k=[{"key": "name"}, {"id": "paper"}, {}])
    assert [entry.place for entry in found.tables("k")] == ["f.k[name]", "f.k[paper]", "f.k[3]"]


def test_list_limit() -> None:
    """A list may have as many tables as the limit says, and not one more."""
    assert len(list(table(k=[{}] * LONGEST_LIST).tables("k"))) == LONGEST_LIST
    with pytest.raises(ProcedureError, match="at most"):
        list(table(k=[{}] * (LONGEST_LIST + 1)).tables("k"))


def test_long_values_are_cut_in_errors() -> None:
    """An error repeats at most sixty signs of what stands in the file."""
    with pytest.raises(ProcedureError) as caught:
        table(k="x" * 500).whole("k")
    assert len(caught.value.fact) < 100


def test_has() -> None:
    """A table tells whether a key stands in it."""
    assert table(k=1).has("k")
    assert not table().has("k")

"""The page on writing forms: its example is good, its five mistakes give the messages it prints."""

import re
import tomllib
from pathlib import Path

import pytest

from procedures.codes import SHARED
from procedures.definition import ProcedureError, load, read
from procedures.fields import known_types
from procedures.policy import SHIPPED
from procedures.rules import RULES

PAGE = (Path(__file__).parents[2] / "docs" / "procedures.md").read_text(encoding="utf-8")
GOOD = re.findall(r"```toml good\n(.*?)```", PAGE, re.DOTALL)
BAD = re.findall(r"```toml bad\n(.*?)\n```\n\n    (.*?)\n", PAGE, re.DOTALL)


def spoiled(line: str) -> str:
    """Return the good example with the line that begins alike replaced."""
    (example,) = GOOD
    same = re.match(r"\s*(\{ section = \"\w+\", key = \"[\w.]+\"|\w+ =)", line)
    assert same
    lines = example.splitlines()
    (place,) = [index for index, known in enumerate(lines) if known.startswith(same.group())]
    return "\n".join([*lines[:place], line, *lines[place + 1 :]])


def test_example_is_good() -> None:
    """The page has one whole form, and it can be read."""
    (example,) = GOOD
    assert read(example, "dog.toml").id == "dog"


def test_five_mistakes() -> None:
    """The page shows five mistakes."""
    assert len(BAD) == 5


@pytest.mark.parametrize(("line", "message"), BAD)
def test_mistake_gives_its_message(line: str, message: str) -> None:
    """Each mistake gives exactly the message that the page prints."""
    with pytest.raises(ProcedureError) as caught:
        read(spoiled(line), "dog.toml")
    assert str(caught.value) == message


@pytest.mark.parametrize("name", [*known_types(), *RULES, *SHARED])
def test_page_names_everything(name: str) -> None:
    """Every type, rule and shared list is on the page."""
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("rule", sorted(RULES))
def test_page_names_places(rule: str) -> None:
    """The page tells the places and parameters of each rule."""
    (row,) = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| `") and f"`{rule}`" in line.split(" | ")[0]
    ]
    for place in RULES[rule].places:
        assert f"`{{{place}}}`" in row
    for need in RULES[rule].needs:
        assert need in row


def test_page_names_every_check_of_the_renewal() -> None:
    """Each deficiency's checks stand in the table, and no other."""
    table = PAGE.partition("## What the renewal looks for")[2].partition("\n## ")[0]
    named = re.findall(r"`(\w+)`", table.partition("|---|---|")[2])
    assert sorted(named) == sorted(check.id for check in load("care-renewal").checks)


def test_page_names_every_decision() -> None:
    """Each key of the city's table has its row."""
    keys = set(tomllib.loads(SHIPPED.read_text(encoding="utf-8"))) - {"title", "version"}
    table = PAGE.partition("## What the city decides")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == keys

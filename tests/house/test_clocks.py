"""Every room learns the time through a clock it is given; the files that ask the machine are named here, with why."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import ROOT, python_files

WALL = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
    ("time", "localtime"),
    ("time", "gmtime"),
    ("time", "clock_gettime"),
}
# Its commands are started by a person at a desk of city hall, and say the time of that desk.
COMMANDS = ROOT / "provisioning"
SHELLS = {
    # The drivers behind the port.
    "hardware/clock/system.py": "the box's own clock",
    "cityhall/intake/clock.py": "city hall's clock, for the intake",
    "cityhall/office/system_clock.py": "city hall's clock, for the office",
    "cityhall/switchboard/exchange.py": "city hall's clock, for the switchboard",
    # No filing is dated by these.
    "cityhall/mail/rows.py": "when half a thing was last touched, unless a clock is given",
    "appliance/call/__main__.py": "a number that sets this start's calls apart",
    "appliance/call/door.py": "the time a call's words bear, unless a clock is given",
    "appliance/call/line.py": "the time a call's words bear, unless a clock is given",
    "appliance/desk/pages/worker.py": "the day by which a form's years are read",
}


def in_file(path: Path) -> Iterator[str]:
    """Name each place in a file that asks the machine for its wall clock."""
    for place in asked(ast.parse(path.read_text(encoding="utf-8"))):
        yield f"{path.relative_to(ROOT)}:{place}"


def asked(tree: ast.AST) -> Iterator[str]:
    """Name line and words of each such place."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            if (name, node.attr) in WALL:
                yield f"{node.lineno} {name}.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            hidden = [one.name for one in node.names if ("time", one.name) in WALL]
            yield from (f"{node.lineno} from time {one}" for one in hidden)


def test_only_the_named_shells_ask_the_machine_what_time_it_is() -> None:
    """A wall clock that is asked anywhere else could not be tested, and would not know its doubt."""
    found = [
        line
        for path in python_files()
        if str(path.relative_to(ROOT)) not in SHELLS and COMMANDS not in path.parents
        for line in in_file(path)
    ]
    assert found == []


def test_every_named_shell_still_asks() -> None:
    """A name that is no longer needed is a door left open."""
    assert [name for name in SHELLS if not list(in_file(ROOT / name))] == []


def test_each_way_of_asking_is_found() -> None:
    """By the class, by the module, by import out of it."""
    lines = (
        "from time import time_ns",
        "time.time()",
        "datetime.datetime.now()",
        "datetime.now(UTC)",
    )
    assert len(list(asked(ast.parse("\n".join(lines))))) == len(lines)

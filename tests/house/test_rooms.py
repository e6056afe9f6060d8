"""The walls of the house: sizes, names, languages, what may never be written anywhere."""

import re
from pathlib import Path

import pytest

from tests.support.tree import ROOMS, ROOT, python_files, tracked_files

LONGEST_FILE = 500
CELLARS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler", "handlers"}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".html",
    ".css",
    ".js",
    ".service",
    ".rules",
    ".conf",
    ".typ",
    ".sql",
}


def test_no_file_is_longer_than_the_limit() -> None:
    """A file is one noun; none has more than 500 lines."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in python_files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_room_is_a_cellar() -> None:
    """No module is called utils, helpers, common, manager or handler."""
    found = [path for path in python_files() if CELLARS & {*path.parts, path.stem}]
    assert found == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_its_duty_first(room: str) -> None:
    """The first line of a room is its duty in words."""
    first = (ROOT / room / "__init__.py").read_text(encoding="utf-8").lstrip()
    assert first.startswith('"""')


def test_systemd_is_data_only() -> None:
    """A package called systemd would hide python-systemd."""
    assert not (ROOT / "systemd" / "__init__.py").exists()


def test_no_machine_or_issue_is_named() -> None:
    """The project speaks of itself alone: no path of one machine, no number of a ticket."""
    places = ["/" + "work/", "bash" + "_jobs", r"\bissue #?\d"]
    banned = re.compile("|".join(places), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in _texts()
        if (match := banned.search(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_locks_name_no_registry() -> None:
    """A lock with addresses would bind every city to one mirror."""
    for lock in ROOT.glob("*.lock"):
        assert "http" not in lock.read_text(encoding="utf-8").replace("httpx", "").replace(
            "aiohttp", ""
        ), lock.name


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link in a Markdown file names a file that exists."""
    dead = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in _texts()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert dead == []


def test_screens_never_say_refused() -> None:
    """An application is never 'not accepted' (行政手続法7条): the word stands on no screen."""
    pages = [path for path in _texts() if path.suffix in {".html", ".toml", ".typ"}]
    assert [path for path in pages if "不受理" in path.read_text(encoding="utf-8")] == []


def _texts() -> list[Path]:
    return [
        path
        for path in tracked_files()
        if path.suffix in TEXT and "vendor" not in path.parts and path.name != "LICENSE"
    ]

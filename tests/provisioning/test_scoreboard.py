"""The board prints what a command really said, and nothing where it said nothing."""

import json
import sys

import pytest

from provisioning.scoreboard import command as board
from provisioning.scoreboard.figure import Figure, Read, Row, Target, taken
from provisioning.scoreboard.ran import Command, Ran, RealRunner
from provisioning.scoreboard.reading import (
    at,
    count_of,
    lines_with,
    passed,
    pattern,
    share_of,
    share_passed,
)
from provisioning.scoreboard.rows import ROWS

COMMAND = Command("python -c pass", 60)
KEYS = {"row", "name", "value", "unit", "target", "met", "command", "reason"}


def said(words: str, failure: str = "") -> Ran:
    """Return a run that said these words."""
    return Ran(COMMAND, words, 1.0, failure)


class Telling:
    """A runner whose commands say three."""

    def __init__(self) -> None:
        self.runs: list[Command] = []
        self.over = False

    def run(self, command: Command) -> Ran:
        """Say it."""
        self.runs.append(command)
        return said('{"n": 3}')

    def end_all(self) -> None:
        """Remember it."""
        self.over = True


class Interrupted(Telling):
    """A runner at whose terminal somebody presses Ctrl-C."""

    def run(self, command: Command) -> Ran:
        """Do not come to an end."""
        raise KeyboardInterrupt(str(command))


def row(command: Command = COMMAND) -> Row:
    """Return a row that reads a number n, at least 3."""
    return Row(1, "n", "things", Target(">=", 3), command, at("n"))


@pytest.mark.parametrize(
    ("read", "words", "value"),
    [
        (at("a", "b"), 'words\n{"a": {"b": 2.5}}\n', 2.5),
        (at("n"), '{"n": 1}\n{"n": 2}\n', 2),
        (count_of("x", "y"), '{"x": 2, "seconds": 1}', 2),
        (share_of("k"), '{"k": 1, "k: there are": 4}', 25.0),
        (pattern(r"([\d,]+) days"), "1,200 days\n", 1200),
        (lines_with(" I1 ", "^end"), "seed: I1 lost\nend\n", 1),
        (passed, "....\n12 passed, 2 skipped in 1.0s\n", 12),
        (share_passed, "3 passed, 1 skipped in 1.0s\n", 75.0),
        (share_passed, "1 failed, 3 passed, 4 errors in 1.0s\n", 37.5),
    ],
)
def test_ok__a_figure_is_taken_out_of_what_was_said(read: Read, words: str, value: float) -> None:
    """JSON, a tally, a pattern, pytest's last line."""
    assert read(said(words)) == value


@pytest.mark.parametrize(
    "words", ["", "no number", '{"m": 1}', '{"n": "three"}', '{"n": true}', "{broken"]
)
def test_fail__what_was_not_said_has_no_value(words: str) -> None:
    """The figure is empty, not met, and says why."""
    figure = taken(row(), said(words))
    assert (figure.value, figure.met, bool(figure.reason)) == (None, False, True)


def test_fail__a_command_that_failed_has_no_value() -> None:
    """Even where it printed a number before."""
    figure = taken(row(), said('{"n": 5}', "ended with 1: broken"))
    assert (figure.value, figure.met, figure.reason) == (None, False, "ended with 1: broken")


def test_fail__a_tally_of_a_failing_command_is_told_and_not_met() -> None:
    """Where the command's own figures count also when it fails."""
    telling = Command("python -c pass", 60, tells_when_failing=True)
    figure = taken(row(telling), Ran(telling, '{"n": 5}', 1.0, "ended with 1"))
    assert (figure.value, figure.met) == (5, False)


@pytest.mark.parametrize(("value", "met"), [(2, False), (3, True), (4, True)])
def test_a_target_is_met_at_its_number(value: int, met: bool) -> None:  # noqa: FBT001 -- a table's column
    """At least three."""
    assert Figure(row(), str(COMMAND), value, "").met is met


def test_a_command_is_really_run_step_by_step() -> None:
    """Its words are kept; the folder of its own is the same in both steps."""
    words = "python -c \"open('{tmp}/x','w').write('7')\" && python -c \"print(open('{tmp}/x').read())\""
    ran = RealRunner().run(Command(words, 60))
    assert (ran.said.strip(), ran.failure) == ("7", "")


def test_fail__a_command_that_ends_badly_stops_and_says_its_last_line() -> None:
    """The second step is not run."""
    ran = RealRunner().run(
        Command("python -c \"raise SystemExit('no room')\" && python -c print(1)", 60)
    )
    assert (ran.said, ran.failure) == ("", "ended with 1: no room")


def test_fail__a_command_that_does_not_end_is_ended() -> None:
    """After its limit."""
    ran = RealRunner().run(Command('python -c "import time; time.sleep(600)"', 1))
    assert ran.failure.startswith("not done after")


def test_fail__a_command_that_is_not_there() -> None:
    """The reason names it as such."""
    assert (
        RealRunner()
        .run(Command("no-such-program-anywhere", 5))
        .failure.startswith("could not be started")
    )


def test_each_command_is_run_once() -> None:
    """Rows that share one share its words."""
    runner = Telling()
    figures = board.figures_of([row(), row()], runner=runner)
    assert (len(runner.runs), [figure.met for figure in figures]) == (1, [True, True])


def test_an_interrupted_board_ends_what_runs() -> None:
    """Commands have sessions of their own: Ctrl-C alone would not reach them."""
    runner = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        board.figures_of([row()], runner=runner)
    assert runner.over


def test_fail__after_the_end_nothing_is_begun() -> None:
    """The next command says so."""
    runner = RealRunner()
    runner.end_all()
    assert runner.run(COMMAND).failure == "interrupted"


def test_the_board_is_one_object(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With commit, machine, date and figures, each with the command that was run; 1 because one is not met."""
    monkeypatch.setattr(board, "ROWS", (row(Command(f"{sys.executable} -c pass", 60)),))
    assert board.main(["--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert set(told) == {"commit", "machine", "date", "figures"}
    assert set(told["figures"][0]) == KEYS


def test_the_board_is_a_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a page."""
    words = Command('python -c "print(\'{\\"n\\": 3}\')"', 60)
    monkeypatch.setattr(board, "ROWS", (row(words),))
    assert board.main(["--markdown"]) == 0
    assert "| 1 | n | 3 things | >= 3 | yes |" in capsys.readouterr().out


def test_a_number_asks_for_its_promise_alone(capsys: pytest.CaptureFixture[str]) -> None:
    """Not for names with that digit in them."""
    assert board.main(["--list", "--only", "6"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["6"]


def test_fail__a_figure_nobody_knows(capsys: pytest.CaptureFixture[str]) -> None:
    """Said in words."""
    assert board.main(["--only", "no such figure"]) == 2
    assert "no figure is called" in capsys.readouterr().err


def test_every_promise_of_the_list_has_a_row() -> None:
    """1 to 8, 11 to 27, 29, 34 to 36."""
    wanted = {*range(1, 9), *range(11, 28), 29, *range(34, 37)}
    assert wanted - {one.number for one in ROWS} == set()


def test_no_two_figures_have_one_name() -> None:
    """A name finds one figure."""
    names = [one.name for one in ROWS]
    assert len(names) == len(set(names))

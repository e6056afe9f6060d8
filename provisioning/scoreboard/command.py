"""`madobus scoreboard`: runs the board's commands now and prints what they showed, as JSON or as a table."""

import argparse
import json
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from provisioning.scoreboard.figure import Figure, Row, taken
from provisioning.scoreboard.machine import about
from provisioning.scoreboard.ran import ROOT, Command, Ran, RealRunner, Runner
from provisioning.scoreboard.rows import ROWS

AT_ONCE: Final = 2
NO_TESTS: Final = "the tests are not part of this installation; run it in the repository"


def main(argv: list[str]) -> int:
    """Take the figures; 0 when every one meets its target, 1 when one does not."""
    parser = argparse.ArgumentParser(prog="madobus scoreboard", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object (the default)")
    parser.add_argument("--markdown", action="store_true", help="a table for a page")
    parser.add_argument("--long", action="store_true", help="hours: every fault, 10^5 days")
    parser.add_argument(
        "--only", metavar="NAME", action="append", help="a row's number, or words of a name"
    )
    parser.add_argument("--list", action="store_true", help="the rows and commands; runs nothing")
    given = parser.parse_args(argv)
    rows = [row for row in ROWS if _is_asked(row, given.only)]
    if not rows:
        print(f"scoreboard: no figure is called {given.only}; --list names them", file=sys.stderr)
        return 2
    if given.list:
        for row in rows:
            print(f"{row.number:3}  {row.name} [{row.target}]: {row.chosen(long=given.long)}")
        return 0
    figures = figures_of(rows, long=given.long)
    board = {**about(ROOT), "figures": [figure.as_json() for figure in figures]}
    print(as_markdown(board) if given.markdown else json.dumps(board, ensure_ascii=False, indent=1))
    return 0 if all(figure.met for figure in figures) else 1


def _is_asked(row: Row, only: list[str] | None) -> bool:
    if not only:
        return True
    return any(
        one == str(row.number) if one.isdecimal() else one.lower() in row.name.lower()
        for one in only
    )


def figures_of(
    rows: Sequence[Row], *, long: bool = False, runner: Runner | None = None
) -> list[Figure]:
    """Run each command these rows need once, and read the figures from what they said."""
    commands = list(dict.fromkeys(row.chosen(long=long) for row in rows))
    if (ROOT / "tests").is_dir():
        runs = _run_all(commands, runner or RealRunner())
    else:
        runs = {command: Ran(command, "", 0.0, NO_TESTS) for command in commands}
    return [taken(row, runs[row.chosen(long=long)]) for row in rows]


def _run_all(commands: list[Command], runner: Runner) -> dict[Command, Ran]:
    """Run what may stand beside others two at a time, then what is timed, alone."""
    progress = _Progress(len(commands))

    def told(command: Command) -> Ran:
        ran = runner.run(command)
        progress.tell(ran)
        return ran

    # Longest limits first: the last one to begin decides when all is done.
    together = sorted((c for c in commands if not c.alone), key=lambda c: -c.limit_s)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            runs = list(pool.map(told, together))
        except BaseException:
            runner.end_all()
            raise
    runs += [told(command) for command in commands if command.alone]
    return {ran.command: ran for ran in runs}


class _Progress:
    """Tells on standard error how far the board is."""

    def __init__(self, commands: int) -> None:
        self._commands = commands
        self._done = 0
        self._began = time.monotonic()
        self._lock = threading.Lock()

    def tell(self, ran: Ran) -> None:
        with self._lock:
            self._done += 1
            sum_s = time.monotonic() - self._began
            print(
                f"scoreboard: {self._done} of {self._commands}, {sum_s:.0f} s: {ran.command} took "
                f"{ran.seconds:.0f} s{'; ' + ran.failure if ran.failure else ''}",
                file=sys.stderr,
                flush=True,
            )


def as_markdown(board: dict[str, Any]) -> str:
    """Return the board as a page's table."""
    lines = [
        f"{board['date']}, commit {board['commit']}, {board['machine']}",
        "",
        "| row | figure | value | target | met | command |",
        "|---|---|---|---|---|---|",
    ]
    for one in board["figures"]:
        value = one["reason"] if one["value"] is None else f"{one['value']} {one['unit']}"
        met = "yes" if one["met"] else "no"
        cells = (one["row"], one["name"], value, one["target"], met, f"`{one['command']}`")
        lines.append(f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

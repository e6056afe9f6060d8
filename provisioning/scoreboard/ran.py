"""A command that is really run: bounded in time, its words kept, its failure a sentence."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

ROOT: Final = Path(__file__).resolve().parents[2]
WORDS_MAX: Final = 4_000_000
"""Bytes of a command's words that are kept; none of ours says a tenth of it."""
REASON_MAX: Final = 300
FAREWELL_S: Final = 20.0
"""What a command that is ended has for taking its own processes and disks away."""


@dataclass(frozen=True, slots=True)
class Command:
    """Steps as a person would type them, one after the other; `{tmp}` is a folder of this run's own.

    `alone`: nothing else runs beside it, for what is timed. `tells_when_failing`: its figures count, as not met,
    also when it ends with an error.
    """

    words: str
    limit_s: int
    alone: bool = False
    tells_when_failing: bool = False

    def __str__(self) -> str:
        return self.words

    def steps(self, folder: str) -> list[list[str]]:
        """Return the steps' arguments; "python" is this very interpreter."""
        steps = [shlex.split(one.replace("{tmp}", folder)) for one in self.words.split(" && ")]
        return [[sys.executable, *one[1:]] if one[0] == "python" else one for one in steps]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said on standard output, how long it took, and in a sentence why it failed, or nothing.

    `typed` is the command with the names of this run's own folder in it.
    """

    command: Command
    said: str
    seconds: float
    failure: str = ""
    typed: str = ""


class Runner(Protocol):
    """Runs commands, perhaps several at a time."""

    def run(self, command: Command) -> Ran:
        """Run one to its end or its limit."""
        ...

    def end_all(self) -> None:
        """End whatever runs, and begin nothing more."""
        ...


class RealRunner:
    """Runs each command's steps in turn, in the repository's root; nothing it started outlives a step."""

    def __init__(self) -> None:
        self._living: set[subprocess.Popen[bytes]] = set()
        self._is_over = False

    def run(self, command: Command) -> Ran:
        """Run a command to its end or its limit."""
        began = time.monotonic()
        said = ""
        with tempfile.TemporaryDirectory(prefix="madobus-scoreboard-") as folder:
            for step in command.steps(folder):
                left = command.limit_s - (time.monotonic() - began)
                words, failure = self._step(step, max(left, 1.0), Path(folder))
                said += words
                if failure:
                    break
        typed = command.words.replace("{tmp}", folder)
        return Ran(command, said, time.monotonic() - began, failure, typed)

    def end_all(self) -> None:
        """End whatever runs, and begin nothing more: somebody at the terminal has seen enough."""
        self._is_over = True
        for child in list(self._living):
            _end(child)

    def _step(self, arguments: list[str], seconds: float, folder: Path) -> tuple[str, str]:
        """Return what one step said and its failure."""
        if self._is_over:
            return "", "interrupted"
        with (folder / "said").open("w+b") as said, (folder / "cried").open("w+b") as cried:
            try:
                child = subprocess.Popen(
                    arguments,
                    cwd=ROOT,
                    env={**os.environ, "TMPDIR": str(folder)},
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=cried,
                    start_new_session=True,
                )
            except OSError as error:
                return "", f"could not be started: {error.strerror}"
            self._living.add(child)
            try:
                code = child.wait(seconds)
                failure = f"ended with {code}" if code else ""
            except subprocess.TimeoutExpired:
                failure = f"not done after {seconds:.0f} s"
            finally:
                _end(child)
                child.wait()
                self._living.discard(child)
            words = [_kept(said.fileno()), _kept(cried.fileno())]
        return words[0], f"{failure}: {_last(words[1]) or _last(words[0])}" if failure else ""


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End a step's whole session; one that runs may first end what it started in sessions of their own."""
    with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGINT)
            child.wait(FAREWELL_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _kept(file: int) -> str:
    size = os.fstat(file).st_size
    return os.pread(file, WORDS_MAX, max(0, size - WORDS_MAX)).decode("utf-8", errors="replace")


def _last(words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return lines[-1][:REASON_MAX] if lines else ""

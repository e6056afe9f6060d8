"""Whether the tests notice a mutant: each is judged in a process of its own, in a copy of the tree."""

import contextlib
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from enum import Enum
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
LONGEST_S: Final = 90
_LEFT: Final = shutil.ignore_patterns(
    ".git", ".venv", ".tools", "__pycache__", ".*_cache", ".hypothesis", "var", "demo-data"
)
# What the tests load and no mutant changes; loaded once, every judgement begins behind it.
_LOADED: Final = (
    "pytest", "_pytest.assertion.rewrite", "hypothesis", "hypothesis.internal.conjecture.engine",
    "cryptography.hazmat.primitives.hpke", "cryptography.cobblestone", "cbor2", "psycopg", "obstore",
    "cryptography.hazmat.primitives.asymmetric.mldsa", "cryptography.hazmat.primitives.kdf.argon2",
)  # fmt: skip


class Verdict(Enum):
    """What came of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timed out"
    SURVIVED = "survived"


@contextlib.contextmanager
def copied() -> Iterator[Path]:
    """Give a copy of the tree that goes when the work is done."""
    with tempfile.TemporaryDirectory(prefix="madobus-mutants-") as folder:
        copy = Path(folder) / "tree"
        shutil.copytree(ROOT, copy, ignore=_LEFT)
        for name in _LOADED:
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
        yield copy


def judged(tree: Path, stages: Sequence[Sequence[str]]) -> Verdict:
    """Run stages of pytest's arguments in the tree as it is now; the first that fails kills."""
    for arguments in stages:
        child = os.fork()
        if child == 0:
            _run(tree, arguments)
        code = _waited(child)
        if code is None:
            return Verdict.TIMEOUT
        if code:
            return Verdict.KILLED
    return Verdict.SURVIVED


def _waited(child: int) -> int | None:
    deadline = time.monotonic() + LONGEST_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _run(tree: Path, arguments: Sequence[str]) -> None:
    """Be the child: never returns."""
    code = 1
    try:
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        os.chdir(tree)
        sys.path[:] = [str(tree), *(one for one in sys.path if one not in {"", str(ROOT)})]
        sys.dont_write_bytecode = True
        for name in [one for one in sys.modules if one.split(".")[0] in {"tests", "sync"}]:
            del sys.modules[name]
        pytest = importlib.import_module("pytest")
        options = [
            "-x",
            "-q",
            "--assert=plain",
            "-p",
            "no:cacheprovider",
            "--timeout=0",
            "--hypothesis-seed=0",
        ]
        code = int(pytest.main([*options, *arguments]))
    finally:
        os._exit(code)

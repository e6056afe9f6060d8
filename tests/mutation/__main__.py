"""`python -m tests.mutation [--module sync/seal.py ...] [--sample N] [--seed S]`: the score, and who survived.

Each mutant is judged by its own module's tests and the protocol's page; with `--vectors` also by the frozen vectors, if
these notice nothing.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.mutation.judging import ROOT, Verdict, copied, judged
from tests.mutation.mutants import Mutant, drawn, judges_of

_VECTORS: Final = ["tests/vectors", "-k", "our_code"]
# Holds every module to the numbers that the page of the protocol tells.
_PAGE: Final = "tests/sync/test_protocol_page.py"
_TESTS: Final = ROOT / "tests" / "sync"


def modules(named: Sequence[str]) -> list[Path]:
    """Return the modules to be changed: those named, else every one of sync that has tests."""
    if named:
        return [ROOT / name for name in named]
    found = sorted((ROOT / "sync").glob("*.py"))
    return [path for path in found if judges_of(path, _TESTS) and path.stem != "__init__"]


def chosen(paths: Sequence[Path], sample: int, seed: int) -> list[Mutant]:
    """Return mutants of all modules in turn of their share, `sample` of them at most (0: all)."""
    lots = [drawn(str(path.relative_to(ROOT)), path.read_text("utf-8"), seed) for path in paths]
    total = sum(len(lot) for lot in lots)
    if not sample or sample >= total:
        return [one for lot in lots for one in lot]
    return [one for lot in lots for one in lot[: max(1, round(sample * len(lot) / total))]]


def main(words: Sequence[str]) -> int:
    """Judge the sample; print each survivor and the score of each module. Return the survivors' number."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--module", action="append", default=[])
    parser.add_argument("--sample", type=int, default=300, help="how many in all; 0: every one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=0, help="stop after so long; 0: never")
    parser.add_argument("--vectors", action="store_true", help="ask the frozen vectors too")
    given = parser.parse_args(words)
    more = [_VECTORS] if given.vectors else []
    mutants = chosen(modules(given.module), given.sample, given.seed)
    start, scores = time.monotonic(), dict[str, list[Verdict]]()
    with copied() as tree:
        sound = _sound(tree, sorted({one.module for one in mutants}), more)
        for number, one in enumerate(one for one in _mixed(mutants) if one.module in sound):
            if given.seconds and time.monotonic() - start > given.seconds:
                sys.stdout.write(f"stopped after {number} of {len(mutants)}\n")
                break
            verdict = _judge(tree, one, more)
            scores.setdefault(one.module, []).append(verdict)
            if verdict is Verdict.SURVIVED:
                sys.stdout.write(_described(one))
                sys.stdout.flush()
    return _told(scores, time.monotonic() - start)


def _sound(tree: Path, names: Sequence[str], more: Sequence[Sequence[str]]) -> set[str]:
    """Return the modules whose tests pass while nothing is changed; the others cannot be judged, and say so."""
    found = set()
    if judged(tree, more) is Verdict.SURVIVED:
        found = {name for name in names if judged(tree, [_tests(tree, name)]) is Verdict.SURVIVED}
    for name in sorted(set(names) - found):
        sys.stdout.write(f"not judged {name}: its tests fail without any change\n")
    return found


def _tests(tree: Path, module: str) -> list[str]:
    found = [*judges_of(tree / module, tree / "tests" / "sync"), tree / _PAGE]
    return [str(test.relative_to(tree)) for test in found]


def _mixed(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Return them so that a run cut short has seen something of every module."""
    places: dict[str, int] = {}
    ranked = []
    for one in mutants:
        places[one.module] = places.get(one.module, 0) + 1
        ranked.append((places[one.module], one))
    return [one for _, one in sorted(ranked, key=lambda pair: pair[0])]


def _judge(tree: Path, one: Mutant, more: Sequence[Sequence[str]]) -> Verdict:
    path = tree / one.module
    source = path.read_text("utf-8")
    code = one.code(source)
    try:
        path.write_text(code or source, "utf-8")
        return judged(tree, [_tests(tree, one.module), *more])
    finally:
        path.write_text(source, "utf-8")


def _described(one: Mutant) -> str:
    source = (ROOT / one.module).read_text("utf-8")
    line = source.splitlines()[one.start[0] - 1].strip()
    place = f"{one.module}:{one.start[0]}:{one.start[1]}"
    return f"survived {place} {one.operator.removeprefix('core/')} {one.occurrence}: {line}\n"


def _told(scores: dict[str, list[Verdict]], took: float) -> int:
    every = [verdict for lot in scores.values() for verdict in lot]
    for module, lot in sorted(scores.items()):
        noticed = len(lot) - lot.count(Verdict.SURVIVED)
        sys.stdout.write(f"{module:24} {noticed:>4} of {len(lot):>4}  {noticed / len(lot):.0%}\n")
    survived = every.count(Verdict.SURVIVED)
    share = 1 - survived / max(1, len(every))
    sys.stdout.write(
        f"{len(every) - survived} of {len(every)} noticed: {share:.1%}, {took:.0f} s\n"
    )
    return survived


if __name__ == "__main__":
    main(sys.argv[1:])

"""Figures 17, 18 and 34 to 36: vectors, fuzzing, mutants, branches."""

from typing import Final

from provisioning.scoreboard.figure import Row, Target
from provisioning.scoreboard.ran import Command
from provisioning.scoreboard.reading import at, pattern, share

_PUBLISHED: Final = Command("python -m tests.published", 300)
_VECTORS: Final = Command("python -m tests.vectors", 300)
_FUZZ: Final = Command(
    "python -m tests.fuzz --seconds 2 slip envelope record receipt journal-entry bundle frame picture",
    420,
)
_LONG_FUZZ: Final = Command("python -m tests.fuzz --seconds 600", 12 * 3600)
_MUTATED: Final = " ".join(
    f"--module sync/{name}.py"
    for name in ("seal", "keys", "journal", "merkle", "proof", "receipt", "clock", "timekeeping")
)
_MUTANTS: Final = Command(f"python -m tests.mutation {_MUTATED} --sample 32 --seconds 120", 420)
_ALL_MUTANTS: Final = Command("python -m tests.mutation --sample 0", 24 * 3600)
_BRANCHES: Final = Command(
    "python -m coverage run --data-file={tmp}/branches -m pytest -q tests/sync && "
    "python -m coverage report --data-file={tmp}/branches",
    600,
    tells_when_failing=True,
)
_HELD: Final = r"^(\d+) of \d+ published vectors"

CHECKS: Final = (
    Row(17, "published vectors that hold, those refused by design not among them", "vectors",
        Target(">=", 4_200), _PUBLISHED, pattern(_HELD)),
    Row(18, "own frozen vectors", "vectors", Target(">=", 200), _VECTORS, at("vectors")),
    Row(18, "own frozen vectors that a second reader without our code agrees with", "%",
        Target("=", 100), _VECTORS, share("second_reader", "vectors")),
    Row(34, "fuzzed executions of parsers", "executions",
        Target(">=", 1_000_000), _FUZZ, pattern(r"targets, ([\d,]+) runs"), _LONG_FUZZ),
    Row(34, "fuzzed parsers with an error of ours", "parsers",
        Target("=", 0), _FUZZ, pattern(r"runs, (\d+) findings"), _LONG_FUZZ),
    Row(35, "mutants of seal, keys, journal, proofs and clock that tests notice", "%",
        Target(">=", 85), _MUTANTS, pattern(r"of [1-9]\d* noticed: ([\d.]+)%"), _ALL_MUTANTS),
    Row(35, "mutants judged in that run", "mutants",
        Target(">=", 300), _MUTANTS, pattern(r"^\d+ of (\d+) noticed"), _ALL_MUTANTS),
    Row(36, "branches and lines of sync (seal, keys, journal, proofs, clock) under test", "%",
        Target("=", 100), _BRANCHES, pattern(r"^TOTAL\s.*\s(\d+(?:\.\d+)?)%")),
)  # fmt: skip

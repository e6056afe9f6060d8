"""Figures 17, 18 and 34 to 36: vectors, fuzzing, mutants, branches."""

from typing import Final

from provisioning.scoreboard.figure import Row, Target
from provisioning.scoreboard.ran import Command
from provisioning.scoreboard.reading import at, passed, pattern, share_passed

_PYTEST: Final = "python -m pytest -q -rs"
_PUBLISHED: Final = Command(f"{_PYTEST} tests/published", 300)
_VECTORS: Final = Command(f"{_PYTEST} tests/vectors", 300)
_FUZZ: Final = Command("python -m tests.fuzz --seconds 4 --json", 300)
_LONG_FUZZ: Final = Command("python -m tests.fuzz --seconds 600 --json", 4 * 3600)
_MUTANTS: Final = Command("python -m tests.mutation --sample 20 --json", 420)
_ALL_MUTANTS: Final = Command("python -m tests.mutation --sample 400 --json", 4 * 3600)
_BRANCHES: Final = Command(
    "python -m coverage run --data-file={tmp}/branches -m pytest -q tests/sync && "
    "python -m coverage report --data-file={tmp}/branches",
    600,
)

CHECKS: Final = (
    Row(17, "tests of published vectors that pass", "%", Target("=", 100), _PUBLISHED, share_passed),
    Row(18, "own vectors read as they must be", "tests", Target(">=", 200), _VECTORS, passed),
    Row(18, "own vectors that a second reader agrees with", "%",
        Target("=", 100), _VECTORS, share_passed),
    Row(34, "fuzzed executions without an error of ours", "executions",
        Target(">=", 1_000_000), _FUZZ, at("executions"), _LONG_FUZZ),
    Row(35, "mutants of seal, keys, journal, proofs and clock that tests notice", "%",
        Target(">=", 85), _MUTANTS, at("score"), _ALL_MUTANTS),
    Row(36, "branches and lines of sync (seal, keys, journal, proofs, clock) under test", "%",
        Target("=", 100), _BRANCHES, pattern(r"^TOTAL\s.*\s(\d+(?:\.\d+)?)%")),
)  # fmt: skip

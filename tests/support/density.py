"""How densely faults are sown: a few in every run of the suite, at every step when asked (`./run faults`)."""

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

EVERY_STEP = "MADOBUS_FAULTS_EVERY_STEP"
TALLY = "MADOBUS_FAULTS_TALLY"
PROMISE = re.compile(r"^I[1-7]\b", re.MULTILINE)
"""How `check_world` names what was broken: I1 is an application lost, I2 one doubled."""


@dataclass
class Density:
    """`points` chooses where; `count` keeps the tally that `./run faults --json` prints."""

    every: bool = field(default_factory=lambda: bool(os.environ.get(EVERY_STEP)))
    tally: Counter[str] = field(default_factory=Counter)

    def points(self, last: int, few: int) -> Sequence[int]:
        """Return 1 to `last`, or `few` of them in even distances, the middle of each stretch."""
        if self.every or last <= few:
            return range(1, last + 1)
        return [1 + (2 * n + 1) * last // (2 * few) for n in range(few)]

    def sow(self, what: str, last: int, few: int, trial: Callable[[int], None]) -> None:
        """Try at each chosen point; every one is tried before the first failure is told."""
        failed = []
        self.count(f"{what}: there are", last)
        for at in self.points(last, few):
            self.count(what)
            try:
                trial(at)
            except Exception as error:  # noqa: BLE001 - whatever broke at this point is the finding
                self.count(f"{what}: failed")
                for promise in sorted(set(PROMISE.findall(str(error)))):
                    self.count(f"broken {promise}")
                failed.append(f"{what} {at} of {last}: {type(error).__name__} {error}")
                self._tell(failed[-1])
        assert not failed, "\n\n".join(failed)

    def count(self, what: str, number: int = 1) -> None:
        """Add to the tally."""
        self.tally[what] += number

    def _tell(self, failure: str) -> None:
        """Leave a failure where it can be read while the others are still being tried."""
        if (folder := os.environ.get(TALLY)) is not None:
            with (Path(folder) / f"{os.getpid()}.failed").open("a", encoding="utf-8") as file:
                file.write(f"{failure}\n\n")

    def write(self) -> None:
        """Leave the tally where it was asked for; each test process has its own file."""
        if (folder := os.environ.get(TALLY)) is not None:
            path = Path(folder) / f"{os.getpid()}.json"
            path.write_text(json.dumps(self.tally), encoding="utf-8")

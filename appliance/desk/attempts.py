"""How often a wrong PIN may be tried: the wait grows, and a restart does not forget it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from keeping.wholefile import PRIVATE, write_durably

FREE_TRIES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)
ATTEMPTS_FILE = "attempts.json"


@dataclass(frozen=True, slots=True)
class Attempts:
    """Wrong PINs in a row, the moment (UTC) before which no other is looked at, and that of the last right one."""

    wrong: int = 0
    until: datetime | None = None
    right: datetime | None = None

    def waits(self, now: datetime) -> int:
        """Return the seconds still to wait; 0 when a PIN may be tried."""
        if self.until is None or now >= self.until:
            return 0
        # A clock set back must not lock the counter for longer than the longest wait.
        return min(int((self.until - now).total_seconds()) + 1, int(LONGEST_WAIT.total_seconds()))

    def failed(self, now: datetime) -> "Attempts":
        """Return the count after one more wrong PIN."""
        wrong = self.wrong + 1
        if wrong < FREE_TRIES:
            return replace(self, wrong=wrong)
        wait = min(FIRST_WAIT * 2 ** min(wrong - FREE_TRIES, 10), LONGEST_WAIT)
        return replace(self, wrong=wrong, until=now + wait)


def read_attempts(folder: Path) -> Attempts:
    """Return the count as it was kept; nothing kept means no wrong PIN."""
    try:
        entry = json.loads((folder / ATTEMPTS_FILE).read_text(encoding="utf-8"))
        return Attempts(int(entry["wrong"]), _moment(entry["until"]), _moment(entry["right"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Attempts()


def keep_attempts(folder: Path, attempts: Attempts) -> None:
    """Keep the count, durable before the next PIN is looked at."""
    moments = {"until": attempts.until, "right": attempts.right}
    entry = {"wrong": attempts.wrong} | {
        name: None if moment is None else moment.isoformat() for name, moment in moments.items()
    }
    write_durably(folder / ATTEMPTS_FILE, json.dumps(entry).encode(), PRIVATE)


def _moment(written: str | None) -> datetime | None:
    return datetime.fromisoformat(written) if written else None

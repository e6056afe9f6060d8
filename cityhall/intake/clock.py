"""City hall's clock: the server's own, disciplined by the machine room's time service."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Time(Protocol):
    """The only way the intake learns the time."""

    def now(self) -> datetime:
        """Return this moment, UTC."""

    def monotonic(self) -> float:
        """Return seconds that never step."""


class SystemTime:
    """The machine's clock."""

    @staticmethod
    def now() -> datetime:
        """Return this moment, UTC."""
        return datetime.now(UTC)

    @staticmethod
    def monotonic() -> float:
        """Return seconds that never step."""
        return time.monotonic()

"""A supply whose ignition key and battery are turned by hand."""

from collections.abc import AsyncIterator

from hardware.changing import Changing
from hardware.protocols import PowerFacts


class SimulatedPower:
    """Gives the facts it was last given."""

    def __init__(self, charge_percent: int = 100) -> None:
        self._now = Changing(PowerFacts("mains", charge_percent, ignition=True))

    @property
    def name(self) -> str:
        """Say that no battery is behind it."""
        return "simulated"

    def set(self, facts: PowerFacts) -> None:
        """Turn the key or drain the battery."""
        self._now.set(facts)

    async def facts(self) -> PowerFacts:
        """Give the present facts."""
        return self._now.value

    def changes(self) -> AsyncIterator[PowerFacts]:
        """Give the present facts and each change."""
        return self._now.watch()

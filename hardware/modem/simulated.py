"""A modem that follows a script: who waits for what is said by the caller's clock, not by sleeping here."""

from collections.abc import AsyncIterator, Sequence

from hardware.changing import Changing
from hardware.errors import DeviceMissing
from hardware.protocols import ModemFacts, Registration

AT_HOME = ModemFacts(Registration.HOME, "lte", "SIMULATED", -85, connected=True)
IN_TUNNEL = ModemFacts(Registration.SEARCHING, "", "", None, connected=False)


class SimulatedModem:
    """Shows the script's facts one after the other, one for each `step`; the last one stays."""

    def __init__(self, script: Sequence[ModemFacts] = (AT_HOME,)) -> None:
        if not script:
            raise ValueError("simulated modem: the script needs one fact at least")
        self._script = list(script[1:])
        self._now = Changing(script[0])
        self._plugged = True
        self.bounces = 0

    @property
    def name(self) -> str:
        """Say that no network is behind it."""
        return "simulated"

    def step(self) -> ModemFacts:
        """Go on to the script's next fact."""
        if self._script:
            self._now.set(self._script.pop(0))
        return self._now.value

    def unplug(self) -> None:
        """Take the modem out."""
        self._plugged = False
        self._now.end()

    async def facts(self) -> ModemFacts:
        """Give the present facts."""
        if not self._plugged:
            raise DeviceMissing(
                self.name,
                "absent",
                "the modem is not there",
                "check its cable or restart the box",
                ja="通信モデムが見つかりません。受付はこのまま続けられます。",
                en="The modem cannot be found. You can go on taking applications.",
            )
        return self._now.value

    def changes(self) -> AsyncIterator[ModemFacts]:
        """Give the present facts and each change."""
        return self._now.watch()

    async def bounce(self) -> None:
        """Count the call; the script says what comes of it."""
        await self.facts()
        self.bounces += 1

    async def close(self) -> None:
        """Let every watcher go."""
        self._now.end()

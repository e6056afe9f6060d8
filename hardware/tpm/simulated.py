"""A chip in this process's memory: for tests of what the counter says when a chip fails. It guards nothing."""

from typing import Final

from hardware.tpm.faults import empty, locked_out, missing, wrong_auth

TRIES: Final = 32


class SimulatedTpm:
    """Counts wrong passwords as a chip does; `gone` takes it away and brings it back, `emptied` wipes it."""

    def __init__(self) -> None:
        self._slots: dict[int, tuple[bytes, bytes]] = {}
        self._counted = 0
        self._wrong = 0
        self.gone = False

    @property
    def simulated(self) -> bool:
        """A program plays the chip."""
        return True

    def present(self) -> bool:
        """Ask whether it is there."""
        return not self.gone

    def emptied(self) -> None:
        """Lose all it kept, as a chip that was reset in the firmware."""
        self._slots.clear()

    def define(self, slot: int, secret: bytes, auth: bytes) -> None:
        """Keep a secret in place of what the slot held."""
        self._there()
        if self._wrong >= TRIES:
            raise locked_out("simulated")
        self._slots[slot] = (secret, auth)

    def read(self, slot: int, auth: bytes) -> bytes:
        """Return a slot's secret."""
        self._there()
        if slot not in self._slots:
            raise empty("simulated")
        if self._wrong >= TRIES:
            raise locked_out("simulated")
        secret, password = self._slots[slot]
        if password != auth:
            self._wrong += 1
            raise wrong_auth("simulated")
        return secret

    def undefine(self, slot: int) -> None:
        """Destroy a slot's secret."""
        self._there()
        self._slots.pop(slot, None)

    def count_up(self) -> int:
        """Raise the counter and return it."""
        self._there()
        self._counted += 1
        return self._counted

    def _there(self) -> None:
        if self.gone:
            raise missing("simulated", "No such file or directory")

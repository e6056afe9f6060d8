"""A machine's current: on, until it is cut at one of its durable steps."""

from collections.abc import Callable


class PowerCut(BaseException):
    """The machine stopped in the middle of what it did."""


class Power:
    """One run of one machine, from switching on to the cut. `on_cut(step, dark)` hears of it once."""

    def __init__(self, on_cut: Callable[[str, bool], None]) -> None:
        self.on = True
        self.steps = 0
        self._on_cut = on_cut
        self._left = 0
        self._dark = False

    def arm(self, steps: int, *, dark: bool) -> None:
        """Stop at the durable step `steps` from now; `dark` also takes what the disk had not synced."""
        self._left, self._dark = steps, dark

    def step(self, name: str) -> None:
        """Pass a durable step, called before and after it; raises PowerCut when the machine stops here."""
        if not self.on:
            raise PowerCut(name)
        self.steps += 1
        if self._left:
            self._left -= 1
            if not self._left:
                self.cut(name, dark=self._dark)
                raise PowerCut(name)

    def look(self) -> None:
        """Raise PowerCut when the machine does not run: it reads nothing either."""
        if not self.on:
            raise PowerCut("reading")

    def cut(self, name: str, *, dark: bool) -> None:
        """Stop the machine from outside; a second time is harmless."""
        if self.on:
            self.on = False
            self._on_cut(name, dark)

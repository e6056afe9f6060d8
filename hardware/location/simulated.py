"""A satellite receiver that is told where it is; None means it sees no sky, silence that it is broken."""

from hardware.errors import DeviceMissing
from hardware.protocols import Fix


class SimulatedLocation:
    """Gives the fix it was last given."""

    def __init__(self, fix: Fix | None = None) -> None:
        self.place = fix
        self.silent = False

    @property
    def name(self) -> str:
        """Say that no satellite is behind it."""
        return "simulated"

    async def fix(self) -> Fix | None:
        """Give the present place."""
        if self.silent:
            raise DeviceMissing(
                self.name,
                "absent",
                "the receiver has gone silent",
                "check its cable; the box goes on with its own clock",
                ja="位置情報を受信できません。受付はこのまま続けられます。",
                en="No position is received. You can go on taking applications.",
            )
        return self.place

    async def close(self) -> None:
        """Do nothing: there is nothing to let go."""

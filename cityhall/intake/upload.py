"""One item on its way through the standards door: what it is, how it is named, how far it is."""

from dataclasses import dataclass
from datetime import datetime

from sync.envelope import SLIP_MAX
from sync.frames import LENGTH_MAX, SLIP_ITEM


@dataclass(frozen=True, slots=True)
class Item:
    """What an upload carries: one item of one envelope (0 the slip, n + 1 part n)."""

    env_id: bytes
    number: int

    @property
    def longest(self) -> int:
        """Return the most bytes such an item may have."""
        return SLIP_MAX if self.number == SLIP_ITEM else LENGTH_MAX

    def __str__(self) -> str:
        return f"item {self.number} of {self.env_id.hex()}"


@dataclass(frozen=True, slots=True)
class Upload:
    """One open upload; `length` 0 = the client has not told it yet."""

    item: Item
    token: str
    length: int
    offset: int
    expires: datetime

    @property
    def complete(self) -> bool:
        """Tell whether the whole item is durable and was found good."""
        return 0 < self.length == self.offset

    @property
    def path(self) -> str:
        """Return where the upload is found."""
        return f"/uploads/{self.item.env_id.hex()}/{self.item.number}/{self.token}"

    @property
    def envelope_path(self) -> str:
        """Return where the envelope's receipts are found."""
        return f"/envelopes/{self.item.env_id.hex()}"

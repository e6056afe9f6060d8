"""What the makers of vectors build with: fictitious seeds, the file under construction, one vector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sync.keys import OpeningKey, Signer
from tests.vectors import recipe

MALFORMED: Final = "not well formed"
HEADER: Final = "header failure"
SIGNATURE: Final = "signature failure"
NO_MATCH: Final = "no match"
PAYLOAD: Final = "payload failure"


def seed(name: str) -> bytes:
    """Return 32 bytes that say of themselves that they protect nothing."""
    made = f"FICTITIOUS TEST SEED {name}".encode().ljust(32, b".")
    if len(made) != 32:
        raise ValueError(f"vectors: '{name}' is too long for the name of a seed")
    return made


def fixed(name: str, size: int = 16) -> bytes:
    """Return bytes that say what they stand for."""
    return name.encode().ljust(size, b"-")[:size]


BOX: Final = Signer(seed("box"))
THIEF: Final = Signer(seed("thief"))
HALL: Final = Signer(seed("hall"))
OFFICE: Final = Signer(seed("office"))
ROOT: Final = Signer(seed("root"))
DIVISION: Final = OpeningKey(seed("division"))
RECOVERY: Final = OpeningKey(seed("recovery"))
READING: Final = OpeningKey(seed("reading"))


@dataclass
class Shelf:
    """One file of vectors while it is made: blobs that several vectors share, and the vectors."""

    name: str
    about: str
    blobs: dict[str, Any] = field(default_factory=dict)
    vectors: list[dict[str, Any]] = field(default_factory=list)

    def blob(self, name: str, data: bytes) -> dict[str, Any]:
        """Keep bytes under a name; return the recipe that names them."""
        self.blobs[name] = recipe.packed(data)
        return {"blob": name}

    def good(self, name: str, what: str, given: Mapping[str, Any], gives: Any) -> None:
        """Add a vector that is read; `gives` is what comes out."""
        self._add(name, what, given, {"gives": gives})

    def bad(self, name: str, what: str, given: Mapping[str, Any], fails: str) -> None:
        """Add a vector that is refused with this word."""
        self._add(name, what, given, {"fails": fails})

    def _add(
        self, name: str, what: str, given: Mapping[str, Any], outcome: Mapping[str, Any]
    ) -> None:
        if any(one["name"] == name for one in self.vectors):
            raise ValueError(f"vectors: the name '{name}' stands twice in {self.name}")
        self.vectors.append({"name": name, "what": what, **given, **outcome})

    def content(self) -> dict[str, Any]:
        """Return what the file holds."""
        return {
            "format": "madobus-vectors-1",
            "about": self.about,
            "blobs": self.blobs,
            "vectors": self.vectors,
        }


def hexes(values: Sequence[bytes]) -> list[str]:
    """Return each of some bytes in hexadecimal digits."""
    return [value.hex() for value in values]

"""The files of vectors as the tests read them: each vector with its inputs made, and the outcome it must have."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.vectors.recipe import made, text

HERE: Final = Path(__file__).parent


@dataclass(frozen=True)
class Vector:
    """One vector: what is read (`what`), its inputs, and `gives` or `fails`."""

    shelf: str
    name: str
    what: str
    given: Mapping[str, Any]
    blobs: Mapping[str, Any]
    gives: Any
    fails: str | None

    def data(self, name: str = "data") -> bytes:
        """Return an input of bytes."""
        return made(self.given[name], self.blobs)

    def many(self, name: str) -> list[bytes]:
        """Return an input of several bytes."""
        return [made(one, self.blobs) for one in self.given[name]]

    def text(self, name: str = "text") -> str:
        """Return an input of text."""
        return text(self.given[name], self.blobs)

    def outcome(self) -> dict[str, Any]:
        """Return what every reader must say of it."""
        return {"gives": self.gives} if self.fails is None else {"fails": self.fails}


def vectors() -> Iterator[Vector]:
    """Yield every vector of every file."""
    for path in sorted(HERE.glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for one in content["vectors"]:
            yield Vector(
                path.stem,
                one["name"],
                one["what"],
                one,
                content["blobs"],
                one.get("gives"),
                one.get("fails"),
            )

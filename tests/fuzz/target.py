"""One parser under fire: what it eats, where it starts from, and which errors are its right."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


class Broken(Exception):  # noqa: N818 - a finding
    """The parser gave a value that is not what was written: read and written again it differs."""


@dataclass(frozen=True)
class Target:
    """A parser: `read` takes foreign bytes; it returns, or raises one of `allowed`; anything else is a finding.

    A `slow` one gets fewer inputs in the suite.
    """

    name: str
    read: Callable[[bytes], object]
    allowed: tuple[type[Exception], ...]
    seeds: Callable[[], Sequence[bytes]]
    words: Sequence[bytes] = field(default=())
    max_len: int = 4096
    slow: bool = False

    def run(self, data: bytes) -> None:
        """Give the parser these bytes; raises what it must not raise."""
        try:
            self.read(data)
        except self.allowed:
            return


def same(written: Any, data: Any) -> None:
    """Raise Broken unless the value, written again, is what was read."""
    if written != data:
        raise Broken(f"read as {data!r:.200}, written again as {written!r:.200}")

"""Other ways the same uplink could carry: each a line of the source that reads differently in that run.

    python -m bench._ways WAY MODULE [ARGUMENT ...]     run a module as that way has it

The link bench starts both ends so (`./run bench link --lab DIR --ways`): nothing in the product knows of it, and a line
that no longer stands in the source stops the run.
"""

import importlib.util
import runpy
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import MappingProxyType
from typing import Final

PIECE: Final = "PIECE_MAX: Final = 64 * 1024\n"
PIECE_S: Final = "PIECE_SECONDS: Final = 0.25\n"
AHEAD_S: Final = "AHEAD_SECONDS: Final = 3.0\n"
AHEAD: Final = "AHEAD_MAX: Final = 512 * 1024\n"
UNSENT: Final = "NOTSENT_LOWAT: Final = 32 * 1024\n"
CONTROL: Final = 'STEADY, FAST = b"cubic", b"bbr"\n'

Lines = Mapping[str, tuple[tuple[str, str], ...]]
"""Module -> (a line as it stands, the line as this way has it)."""

WAYS: Final[Mapping[str, Lines]] = MappingProxyType(
    {
        "pieces-16k": {"sync.pacing": (("* PIECE_SECONDS))", "* 0))"),)},
        "pieces-128k": {
            "sync.frames": ((PIECE, "PIECE_MAX: Final = 128 * 1024\n"),),
            "sync.pacing": ((PIECE_S, "PIECE_SECONDS: Final = 0.5\n"),),
        },
        "pieces-256k": {
            "sync.frames": ((PIECE, "PIECE_MAX: Final = 256 * 1024\n"),),
            "sync.pacing": ((PIECE_S, "PIECE_SECONDS: Final = 1.0\n"),),
        },
        "window-128k": {"sync.pacing": ((AHEAD, "AHEAD_MAX: Final = 128 * 1024\n"),)},
        "window-2m": {
            "sync.pacing": (
                (AHEAD, "AHEAD_MAX: Final = 2048 * 1024\n"),
                (AHEAD_S, "AHEAD_SECONDS: Final = 10.0\n"),
            )
        },
        "unsent-128k": {
            "appliance.uplink.sockets": ((UNSENT, "NOTSENT_LOWAT: Final = 128 * 1024\n"),)
        },
        "cubic": {"appliance.uplink.sockets": ((CONTROL, 'STEADY, FAST = b"cubic", b"cubic"\n'),)},
        "bbr": {"appliance.uplink.sockets": ((CONTROL, 'STEADY, FAST = b"bbr", b"bbr"\n'),)},
        # The same program; the day is shared between two boxes, each with a connection of its own.
        "two-connections": {},
    }
)

BOXES: Final = MappingProxyType({"two-connections": 2})


class _Other(SourceFileLoader):
    """Loads one module with some lines reading differently."""

    lines: Sequence[tuple[str, str]] = ()

    def get_code(self, fullname: str) -> object:
        """Return the code of the changed source, nothing kept beside it."""
        text = self.get_data(self.get_filename(fullname)).decode()
        for stands, reads in self.lines:
            if text.count(stands) != 1:
                raise LookupError(f"bench: {fullname} must have the line {stands!r} once")
            text = text.replace(stands, reads)
        return compile(text, self.get_filename(fullname), "exec")


class _Finder:
    """Finds the modules a way changes; leaves all others to the usual finders."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def find_spec(
        self, name: str, path: Sequence[str] | None, _: object = None
    ) -> ModuleSpec | None:
        """Return the changed module's spec, or None."""
        spec = PathFinder.find_spec(name, path) if name in self._lines else None
        if spec is None or spec.origin is None:
            return None
        loader = _Other(name, spec.origin)
        loader.lines = self._lines[name]
        return importlib.util.spec_from_loader(name, loader)


def main() -> None:
    """Run the module."""
    way, module, *arguments = sys.argv[1:]
    sys.meta_path.insert(0, _Finder(WAYS[way]))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

"""Whose word counts on this box: the newest root and key bundle of one process, in two files that never go back."""

import contextlib
from pathlib import Path

from keeping.wholefile import write_durably
from sync.bundle import Belief, KeyBundle, believe, newest_root, replacement
from sync.errors import SealError
from sync.root import Root, decode_root


class KeyFiles:
    """The bundle in `bundle` and the root in `root`, as enrolled or newer; raises SealError and OSError when read.

    A bundle is written before the root it leads to: the older root still walks the newer bundle's
    chain, so that a power cut between the two leaves files that hold.
    """

    def __init__(self, bundle: Path, root: Path) -> None:
        self._bundle_path = bundle
        self._root_path = root
        held = decode_root(root.read_text(encoding="utf-8"))
        text = self._text()
        self._held = believe(text, held)
        # A disk that takes nothing now is asked again at the next start; until then the chain leads to the same root.
        with contextlib.suppress(OSError):
            self._keep_root(text, held, self._held.root)

    @property
    def held(self) -> Belief:
        """The root and the bundle that count now."""
        return self._held

    @property
    def bundle(self) -> KeyBundle:
        """The bundle that counts now."""
        return self._held.bundle

    def offer(self, text: str) -> bool:
        """Take a newer bundle, durable before this returns; tells whether it was news.

        Raises SealError for an older, a forked or a forged one, and changes nothing then. The files
        are read again first: a stick may have brought newer ones meanwhile.
        """
        before = self._held
        with contextlib.suppress(OSError, SealError):
            self._held = replacement(self._text(), before)
        offered = replacement(text, self._held)
        if offered.rank == self._held.rank:
            return self._held.rank > before.rank
        write_durably(self._bundle_path, text.encode())
        self._keep_root(text, self._held.root, offered.root)
        self._held = offered
        return True

    def _text(self) -> str:
        return self._bundle_path.read_text(encoding="utf-8")

    def _keep_root(self, text: str, known: Root, newest: Root) -> None:
        if newest.version > known.version:
            write_durably(self._root_path, newest_root(text).encode())

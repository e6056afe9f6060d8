"""Which sheets were handed in before, so that a stack fed twice is said and nothing is doubled.

Kept in clear beyond a visit: a digest of a scan names no person and leads back to none.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from keeping.wholefile import PRIVATE, sync_folder, write_durably

PAGES_MAX = 20_000
"""Sheets remembered; the oldest are forgotten first. About two months of full days."""

PAGES_FILE = "handed-pages.jsonl"


class HandedPages:
    """Digest of a fed sheet (hex SHA-256) -> env_id (hex) of the application it was handed in with."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / PAGES_FILE
        self._known = _read(self._path)

    def env_id(self, fed_sha256: str) -> str:
        """Return what the sheet was handed in with, or nothing."""
        return self._known.get(fed_sha256, "")

    def add(self, pages: Mapping[str, str]) -> None:
        """Remember sheets of a hand-in; durable when it returns; harmless when repeated."""
        fresh = {digest: env for digest, env in pages.items() if digest not in self._known}
        if not fresh:
            return
        self._known.update(fresh)
        if len(self._known) > PAGES_MAX:
            self._known = dict(list(self._known.items())[-PAGES_MAX * 9 // 10 :])
            write_durably(self._path, "".join(map(_line, self._known.items())).encode(), PRIVATE)
            return
        made = not self._path.exists()
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(map(_line, fresh.items())))
            file.flush()
            os.fsync(file.fileno())
        if made:
            sync_folder(self._path.parent)


def _line(entry: tuple[str, str]) -> str:
    return json.dumps(entry) + "\n"


def _read(path: Path) -> dict[str, str]:
    known: dict[str, str] = {}
    if not path.exists():
        return known
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            digest, env = json.loads(line)
            known[str(digest)] = str(env)
        except (ValueError, TypeError):
            continue  # a line torn by a power cut; the shelf still answers for the application
    return known

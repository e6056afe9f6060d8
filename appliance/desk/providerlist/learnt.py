"""What was learnt of a provider's files: column numbers and field keys only, never a heading or a value.

It outlives the visit, so that the same software's next file needs one press; nothing in it is about a person.
"""

import json
import logging
import re
from collections.abc import Mapping
from pathlib import Path

from keeping.wholefile import PRIVATE, write_durably

log = logging.getLogger(__name__)

FOLDER = "list-columns"
PROVIDERS_MAX = 1000
SHAPES_MAX = 8
"""Kinds of file remembered of one provider; the one used longest ago gives way."""

_PROVIDER = re.compile(r"[0-9A-Z]{1,20}")
_KEY = re.compile(r"[a-z0-9_.]{1,64}")


class Learnt:
    """A file a provider in the desk's folder. What cannot be read is learnt anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def columns(self, provider_no: str, shape: str) -> dict[int, str]:
        """Return the columns used last for files of this shape; nothing when it is new."""
        found = self._read(provider_no).get(shape, {})
        return {int(column): key for column, key in found.items()}

    def keep(self, provider_no: str, shape: str, columns: Mapping[int, str]) -> None:
        """Remember a file's columns; a disk that refuses costs a press next time, no more."""
        if not _PROVIDER.fullmatch(provider_no):
            return
        known = self._read(provider_no)
        known.pop(shape, None)
        known[shape] = {str(column): key for column, key in columns.items()}
        kept = dict(list(known.items())[-SHAPES_MAX:])
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            path = self._path(provider_no)
            if path.exists() or len(list(self._folder.iterdir())) < PROVIDERS_MAX:
                write_durably(path, json.dumps(kept).encode(), PRIVATE)
        except OSError as error:
            log.warning("columns.not_kept cause=%s", type(error).__name__)

    def _read(self, provider_no: str) -> dict[str, dict[str, str]]:
        if not _PROVIDER.fullmatch(provider_no):
            return {}
        try:
            told = json.loads(self._path(provider_no).read_bytes())
        except (OSError, ValueError):
            return {}
        return told if _sound(told) else {}

    def _path(self, provider_no: str) -> Path:
        return self._folder / f"{provider_no}.json"


def _sound(told: object) -> bool:
    """Tell whether a file has the one shape that is written here."""
    return isinstance(told, dict) and all(
        isinstance(columns, dict)
        and all(
            column.isascii() and column.isdigit() and isinstance(key, str) and _KEY.fullmatch(key)
            for column, key in columns.items()
        )
        for columns in told.values()
    )

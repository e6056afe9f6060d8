"""Which SQLite may be written with. Loading this loads no database library."""

from typing import Final

# SQLite loses committed rows when two connections write in WAL mode (WAL-reset bug, fixed in 3.51.3).
FIRST_BROKEN: Final = (3, 7, 0)
LAST_BROKEN: Final = (3, 51, 2)


class UnsafeSqliteError(RuntimeError):
    """SQLite here can lose committed rows; nothing is opened with it."""


def check_version(version: str) -> None:
    """Raise UnsafeSqliteError when `version` (like "3.53.4") has the WAL-reset bug."""
    numbers = tuple(int(part) for part in version.split("."))
    if FIRST_BROKEN <= numbers <= LAST_BROKEN:
        raise UnsafeSqliteError(
            f"SQLite {version} can lose committed rows (WAL-reset bug, 3.7.0 to 3.51.2); "
            "install the pysqlite3 of requirements.lock"
        )

"""A database that cannot be had just now, in one word. Loading this loads no database library."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pysqlite3.dbapi2 as sqlite

# SQLite's own words for what passes by itself or by a person's hand, and the number a file system has for it.
PASSING: Final = {
    "database or disk is full": (errno.ENOSPC, "the disk is full; make room on it"),
    "disk I/O error": (errno.EIO, "the disk refuses to read or write; make room, or replace it"),
    "attempt to write a readonly database": (errno.EROFS, "the disk takes nothing; replace it"),
    "unable to open database file": (errno.EIO, "the file cannot be opened; look at the disk"),
    "database is locked": (errno.EBUSY, "another program holds the file; it is tried again"),
}


class DatabaseAwayError(OSError):
    """The database could not be reached or gave up; nothing is known to be written, and trying again is safe."""


def away(cause: BaseException | None) -> DatabaseAwayError | None:
    """Return what SQLite's error means when it passes; None for any other."""
    if not isinstance(cause, sqlite.OperationalError) or str(cause) not in PASSING:
        return None
    number, words = PASSING[str(cause)]
    return DatabaseAwayError(number, f"database: {words} ({cause})")


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what a disk did to SQLite itself into a DatabaseAwayError; everything else passes."""
    try:
        yield
    except sqlite.OperationalError as error:
        if (told := away(error)) is not None:
            raise told from error
        raise

"""Where a shelf lies: in a folder of one machine, or on PostgreSQL and an object store that machines share."""

from dataclasses import dataclass
from pathlib import Path

from cityhall.mail.blobs import Blobs, FolderBlobs
from cityhall.mail.database import open_shared_shelf, open_shelf
from cityhall.mail.objects import open_blobs
from cityhall.mail.pieces import FolderPieces, Pieces
from cityhall.mail.rows import RowPieces
from keeping.database import Shelf
from keeping.wholefile import make_folder


@dataclass(frozen=True, slots=True)
class Place:
    """The three stores of one shelf."""

    database: Shelf
    pieces: Pieces
    blobs: Blobs


def in_folder(folder: Path) -> Place:
    """Open the shelf of one machine: hall.db, pieces/ and blobs/; raises UnsafeSqliteError or NewerSchemaError."""
    make_folder(folder)
    return Place(open_shelf(folder), FolderPieces(folder / "pieces"), FolderBlobs(folder / "blobs"))


def shared(database_url: str, blobs: Blobs | str, secrets: Path | None = None) -> Place:
    """Open the shelf that machines share; raises DatabaseAwayError, NewerSchemaError or ValueError for a wrong URL."""
    store = open_blobs(blobs, secrets) if isinstance(blobs, str) else blobs
    database = open_shared_shelf(database_url)
    return Place(database, RowPieces(database), store)

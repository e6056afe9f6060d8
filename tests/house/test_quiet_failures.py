"""A failing database says which step failed, never what was to be written: its text ends up in logs."""

from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from appliance.mail.database import Database as BusShelf
from appliance.mail.models import NoteTable
from cityhall.mail.database import Database as HallShelf
from cityhall.mail.models import BusTable
from cityhall.office.database import Database as OfficeFile
from cityhall.office.models import PlaceRow

NAME = "見本 花子"


def test_the_buss_shelf_says_no_value(tmp_path: Path) -> None:
    """Two rows of one key."""
    with BusShelf(tmp_path / "mail.db").writing() as session:
        session.add(NoteTable(name=NAME, value=b"", at_ms=0))
    with (
        pytest.raises(IntegrityError) as failure,
        BusShelf(tmp_path / "mail.db").writing() as session,
    ):
        session.add(NoteTable(name=NAME, value=b"", at_ms=0))
        session.flush()
    assert NAME not in str(failure.value)


def test_city_halls_shelf_says_no_value(tmp_path: Path) -> None:
    """Two rows of one key."""
    row = {"device": NAME, "connected": True, "seen_ms": 0, "since_ms": 0, "facts": ""}
    with HallShelf(tmp_path / "hall.db").writing() as session:
        session.add(BusTable(**row))
    with (
        pytest.raises(IntegrityError) as failure,
        HallShelf(tmp_path / "hall.db").writing() as session,
    ):
        session.add(BusTable(**row))
        session.flush()
    assert NAME not in str(failure.value)


def test_the_office_says_no_value(tmp_path: Path) -> None:
    """Two rows of one key."""
    with OfficeFile(tmp_path).change() as session:
        session.add(PlaceRow(name=NAME, value=0))
    with pytest.raises(IntegrityError) as failure, OfficeFile(tmp_path).change() as session:
        session.add(PlaceRow(name=NAME, value=0))
        session.flush()
    assert NAME not in str(failure.value)

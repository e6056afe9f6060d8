"""A failing database says which step failed, never what was to be written: its text ends up in logs."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel

from appliance.mail.database import open_shelf as open_bus_shelf
from appliance.mail.models import NoteTable
from cityhall.mail.database import open_shelf as open_hall_shelf
from cityhall.mail.models import CounterTable
from cityhall.office.database import open_office
from cityhall.office.models import PlaceRow

NAME = "見本 花子"


def add_twice(
    change: Callable[[], AbstractContextManager[Session]], row: Callable[[], SQLModel]
) -> None:
    """Write the same key in two transactions."""
    for _ in range(2):
        with change() as session:
            session.add(row())


def test_the_buss_shelf_says_no_value(tmp_path: Path) -> None:
    """What the uplink logs of a failing shelf."""
    shelf = open_bus_shelf(tmp_path)
    with pytest.raises(IntegrityError) as failure:
        add_twice(shelf.writing, lambda: NoteTable(name=NAME, value=b"", at_ms=0))
    assert NAME not in str(failure.value)


def test_city_halls_shelf_says_no_value(tmp_path: Path) -> None:
    """What the intake logs of a failing shelf."""
    shelf = open_hall_shelf(tmp_path)
    with pytest.raises(IntegrityError) as failure:
        add_twice(shelf.writing, lambda: CounterTable(name=NAME))
    assert NAME not in str(failure.value)


def test_the_office_says_no_value(tmp_path: Path) -> None:
    """What the office logs of its failing file, where names stand."""
    file = open_office(tmp_path)
    with pytest.raises(IntegrityError) as failure:
        add_twice(file.writing, lambda: PlaceRow(name=NAME, value=0))
    assert NAME not in str(failure.value)

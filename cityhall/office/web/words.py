"""The sentences of the screens, and what every page may say without being told."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from cityhall.office.filing import JST
from cityhall.office.labels import day_words
from cityhall.office.names import masked_number
from screens.language import Texts, read_texts

TEXTS = Path(__file__).parent / "texts.toml"
TOPICS = Path(__file__).parent.parent / "words"


def read_words() -> Texts:
    """Return the texts of this room."""
    return read_texts(TEXTS, *sorted(TOPICS.glob("*.toml")))


def facts_for(city: str, division: str) -> Mapping[str, object]:
    """Return names and small functions for all templates."""
    return {
        "city": city,
        "division": division,
        "day_words": day_words,
        "clock_time": clock_time,
        "short_day": short_day,
        "masked_number": masked_number,
        "signed_in": None,
    }


def clock_time(moment: datetime) -> str:
    """Return day and time in Japan to the second."""
    return moment.astimezone(JST).strftime("%Y-%m-%d %H:%M:%S")


def short_day(day: date) -> str:
    """Return month and day for narrow columns."""
    return f"{day.month}/{day.day}"

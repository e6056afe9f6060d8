"""City hall's shelf as its settings name it: the founder's verbs put letters where the intake looks."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from cityhall.config import read_settings
from cityhall.mail.opening import open_hall_mail
from cityhall.mail.store import HallMail
from provisioning.city import City


@contextmanager
def hall_shelf(city: City) -> Iterator[HallMail]:
    """Open the shelf for a block; a city without settings yet has it in its folder."""
    settings = city.settings_path
    with closing(
        open_hall_mail(read_settings(settings)) if settings.exists() else HallMail(city.mail)
    ) as mail:
        yield mail

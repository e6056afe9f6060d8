"""The stack itself: every sheet of every person as a picture file, in the order a feeder pulls it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from PIL import Image

from provisioning.demo.samples.capture import Capture
from provisioning.demo.samples.health_card import HealthCard
from provisioning.demo.samples.insurance_card import InsuranceCard
from provisioning.demo.samples.paper import Fonts
from provisioning.demo.samples.people import Person, make_people
from provisioning.demo.samples.renewal_back import BackForm
from provisioning.demo.samples.renewal_front import FrontForm

LARGEST_STACK = 60


@dataclass(frozen=True, slots=True)
class Stack:
    """The drawn files in feeding order, and the people they belong to."""

    sheets: tuple[Path, ...]
    people: tuple[Person, ...]


def make_stack(
    folder: Path, *, seed: int, people: int, today: date, font: Path | None = None
) -> Stack:
    """Draw a stack for `people` residents into `folder`, as 300 dpi JPEG files named in feeding order.

    The same seed and day give the same stack. Raises ValueError beyond LARGEST_STACK residents.
    """
    if not 1 <= people <= LARGEST_STACK:
        raise ValueError(
            f"sample stack: 1 to {LARGEST_STACK} people are possible, not {people}; ask for fewer"
        )
    folder.mkdir(parents=True, exist_ok=True)
    random = Random(seed)  # noqa: S311 -- a repeatable drawing, no secret
    residents = make_people(random, people, today)
    press, capture = Press(Fonts(font), today), Capture(random)
    sheets: list[Path] = []
    for person in residents:
        for kind in person.kinds:
            file = folder / f"sheet-{len(sheets) + 1:03}.jpg"
            capture.write(press.page(person, kind), file)
            sheets.append(file)
    return Stack(tuple(sheets), residents)


class Press:
    """Holds the four printed blanks."""

    def __init__(self, fonts: Fonts, today: date) -> None:
        self._front, self._back = FrontForm(fonts), BackForm(fonts)
        self._card, self._health = InsuranceCard(fonts), HealthCard(fonts)
        self._today = today

    def page(self, person: Person, kind: str, pen: Fonts | None = None) -> Image.Image:
        """Draw one side of one person's papers; the form is written with this pen."""
        if kind == "form_front":
            return self._front.fill(person, pen).image
        if kind == "form_back":
            return self._back.fill(person, pen).image
        if kind == "insurance_card":
            return self._card.fill(person).image
        return self._health.fill(person, self._today).image

"""The papers of a stop: the program's own known forms, filled for made-up residents, as a sheet scanner gives them.

A third of the forms is written in hand-like fonts, the others typed in several; skew, folds, dust and grain are those
of bench.pagemaker's scanner. Made once into a folder, and found there again.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Protocol

import cv2
import numpy as np
from PIL import Image

from bench._stop_clerk import Resident
from bench.pagemaker import fonts, people
from bench.pagemaker.scan import scan
from provisioning.demo.samples.paper import DPI, Fonts
from provisioning.demo.samples.people import Person, make_people
from provisioning.demo.samples.stack import Press
from sync.letters import DueEntry

TOLD = "plan.json"
BY_HAND = 3
"""Every third form is written by hand."""
BLUR = 5.0
"""Sigma of the blur of a page that shook, in pixels at 300 dpi."""
AT_300 = 0.3
"""bench.pagemaker's scanner takes 300 dpi when its first throw is below this; a desk's scanner has one resolution."""

PLANTED = ("back_missing", "physician_blank", "card_lost", "number_transposed", "page_blurred")
"""What is wrong in a dirty batch, in the order of the residents it befalls: one in six."""
EACH = 6


@dataclass(frozen=True)
class Papers:
    """A stop's residents with their sheets, and what city hall knows of them."""

    day: date
    residents: tuple[Resident, ...]
    due: tuple[DueEntry, ...]

    @property
    def sheets(self) -> int:
        """How many sheets lie in the stack."""
        return sum(len(one.sheets) for one in self.residents)


class Printed(Protocol):
    """Draws one side of one person's papers, the form written with a pen."""

    def page(self, person: Person, kind: str, pen: Fonts | None = None) -> Image.Image:
        """Return it at 300 dpi."""


def make_papers(
    folder: Path, count: int, seed: int, today: date, *, dirty: bool, press: Printed | None = None
) -> Papers:
    """Return the stop's papers; pages that the folder has already are not made again."""
    day = _day(folder, count, seed, today)
    desk = _Desk(folder, press or Press(Fonts(), day), seed)
    made = [
        _resident(desk, place, person, _planted(place) if dirty else "")
        for place, person in enumerate(_persons(count, seed, day))
    ]
    return Papers(day, tuple(one for one, _ in made), tuple(entry for _, entry in made))


def _planted(place: int) -> str:
    """Return what is wrong with the papers of the resident at this place; mostly nothing."""
    each, rest = divmod(place, EACH)
    return PLANTED[each] if rest == EACH // 2 and each < len(PLANTED) else ""


def _day(folder: Path, count: int, seed: int, today: date) -> date:
    """Return the day the folder's pages are dated; an empty or another's folder begins today."""
    plan = folder / TOLD
    asked = {"count": count, "seed": seed}
    if plan.is_file():
        told = json.loads(plan.read_text("utf-8"))
        if {key: told[key] for key in asked} != asked:
            raise ValueError(f"{plan}: these pages were made for {told}; name another folder")
        return date.fromisoformat(told["day"])
    folder.mkdir(parents=True, exist_ok=True)
    plan.write_text(json.dumps({**asked, "day": today.isoformat()}), "utf-8")
    return today


def _persons(count: int, seed: int, day: date) -> Iterator[Person]:
    """Draw residents whom city hall expects, each with a name of its own and every answer given."""
    chance = Random(seed)  # noqa: S311 - made-up people
    whole = [one for one in make_people(chance, 60, day) if one.due and not one.planted][:count]
    if len(whole) < count:
        raise ValueError(
            f"bench stop: at most {len(whole)} applications can be made; ask for fewer"
        )
    for person in whole:
        names = people.MEN if person.truth["sex"] == "1" else people.WOMEN
        (family, sound), (given, given_sound) = chance.choice(people.SURNAMES), chance.choice(names)
        name = f"{family}　{given}"
        contact = person.truth["survey.contact"].split("　")[1]
        yield _changed(
            person,
            {
                "name": name,
                "name_kana": f"{sound}　{given_sound}",
                "consent_name": name,
                "survey.contact": f"{family}　{contact}",
            },
        )


def expected(person: Person) -> DueEntry:
    """Return the due list's entry; raises ValueError for somebody city hall does not expect."""
    if person.due is None:
        raise ValueError(f"bench stop: {person.reference} is on no due list; draw another")
    return person.due


def _changed(person: Person, values: Mapping[str, str]) -> Person:
    """Return the person with other answers, on paper and at city hall."""
    entry = expected(person)
    last = entry.last and replace(entry.last, answers=_swapped(entry.last.answers, values))
    due = replace(entry, answers=_swapped(entry.answers, values), last=last)
    truth = {key: value for key, value in {**person.truth, **values}.items() if value}
    return replace(person, truth=truth, due=due)


def _swapped(
    answers: tuple[tuple[str, str], ...], values: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    changed = ((key, values.get(key, value)) for key, value in answers)
    return tuple((key, value) for key, value in changed if value)


@dataclass(frozen=True)
class _Desk:
    """Where papers are filled in: the forms, the pens, the folder the scans go to."""

    folder: Path
    press: Printed
    seed: int

    def sheet(self, place: int, person: Person, kind: str, word: str = "") -> Path:
        """Return one scanned sheet, made now or before."""
        path = self.folder / f"{place + 1:02}-{kind}{word}.jpg"
        if not path.is_file():
            pen = self._pen(place, person) if kind.startswith("form") else None
            data = self._scanned(self.press.page(person, kind, pen), f"{self.seed} {path.name}")
            path.with_suffix(".part").write_bytes(_shaken(data) if word == "-blurred" else data)
            path.with_suffix(".part").rename(path)
        return path

    def _pen(self, place: int, person: Person) -> Fonts | None:
        """Return who writes; a font that lacks a sign of this person leaves the paper to the usual one."""
        part = "hand" if place % BY_HAND == BY_HAND - 1 else "typed"
        names = fonts.choices(part, held=False)
        name = names[place % len(names)]
        signs = {sign for value in person.truth.values() for sign in value}
        if not name or not all(fonts.knows(name, sign) for sign in signs):
            return None
        return Fonts(Path(str(fonts.font(name, 20).path)))

    @staticmethod
    def _scanned(page: Image.Image, word: str) -> bytes:
        number = 0
        while Random(f"{word} {number}").random() >= AT_300:  # noqa: S311 - a repeatable scan
            number += 1
        rng = Random(f"{word} {number}")  # noqa: S311 - the same
        size = (page.width * 25.4 / DPI, page.height * 25.4 / DPI)
        return scan(np.asarray(page, np.uint8), None, size, rng)[0]


def _shaken(data: bytes) -> bytes:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    soft = cv2.GaussianBlur(picture, (0, 0), BLUR) if picture is not None else None
    return cv2.imencode(".jpg", soft, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def _resident(desk: _Desk, place: int, person: Person, planted: str) -> tuple[Resident, DueEntry]:
    """Lay one person's sheets together, with what is planted in them."""
    known, words = person, dict.fromkeys(person.kinds, "")
    drawn = dict.fromkeys(person.kinds, person)
    told: dict[str, str] = {}
    again: dict[int, Path] = {}
    if planted == "back_missing":
        del words["form_back"]
    elif planted == "card_lost":
        del words["insurance_card"]
    elif planted == "physician_blank":
        told = {key: person.truth[key] for key in ("physician.name", "physician.hospital")}
        blank = {key: "" for key in person.truth if key.startswith("physician.")}
        known = _changed(person, blank)
        drawn, words["form_front"] = dict.fromkeys(person.kinds, known), "-no-physician"
    elif planted == "number_transposed":
        truth = {**person.truth, "insured_no": _transposed(person.truth["insured_no"])}
        drawn["form_front"] = replace(person, truth=truth)
        words["form_front"] = "-transposed"
    elif planted == "page_blurred":
        again = {0: desk.sheet(place, person, "form_front")}
        words["form_front"] = "-blurred"
    sheets = tuple(desk.sheet(place, drawn[kind], kind, word) for kind, word in words.items())
    return Resident(known.truth, sheets, told, again, planted), expected(known)


def _transposed(number: str) -> str:
    """Swap the first two neighbours that differ, behind the leading zeros."""
    at = next(n for n in range(2, len(number) - 1) if number[n] != number[n + 1])
    return f"{number[:at]}{number[at + 1]}{number[at]}{number[at + 2 :]}"

"""The demo city's forms as blanks: what its press prints, and the zones it types and circles in.

    python -m provisioning.demo.samples.blanks FOLDER

writes them anew into FOLDER; those in papers/blanks/ were made by it, and a test holds the two together.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from papers.blank import Blank, Zone, blank_text, make_blank
from provisioning.demo.samples import renewal_back, renewal_front
from provisioning.demo.samples.health_card import HealthCard
from provisioning.demo.samples.insurance_card import InsuranceCard
from provisioning.demo.samples.paper import POINT_MM, Box, Fonts, Paper
from provisioning.demo.samples.renewal_back import BackForm
from provisioning.demo.samples.renewal_front import LEFT, FrontForm

TYPES = {
    "application_date": "date",
    "birth_date": "date",
    "prev_valid_from": "date",
    "prev_valid_to": "date",
    "name_kana": "kana",
    "name": "name",
    "consent_name": "name",
    "filer.person": "name",
    "physician.name": "name",
    "survey.contact": "name",
    "postal_code": "postal_code",
    "filer.postal_code": "postal_code",
    "address": "address",
    "filer.address": "address",
    "physician.address": "address",
    "current_place.address": "address",
    "phone": "phone",
    "filer.phone": "phone",
    "physician.phone": "phone",
    "current_place.phone": "phone",
    "survey.phone": "phone",
    "medical_insurer_no": "medical_insurer_no",
    "number": "digits",
    "branch_no": "digits",
    "filer.office_no": "office_no",
}
"""How a written field is read; every other one is a line of text."""
_CARD: tuple[tuple[str, str, Box], ...] = (
    ("insured_no", "insured_no", (29, 20, 54, 7)),
    ("address", "address", (28, 31, 57, 13.5)),
    ("name_kana", "kana", (28, 46, 57, 5.5)),
    ("name", "name", (28, 53, 57, 9)),
    ("birth_date", "date", (28, 64, 34, 8)),
    ("sex", "code:sex", (75, 64, 10, 8)),
    ("insurer_no", "insurer_no", (29, 88, 36, 7)),
    ("prev_result", "code:care_level", (123, 12.5, 53, 8)),
    ("prev_valid_from", "period", (123, 34, 54, 9)),
)
_HEALTH: tuple[tuple[str, str, Box], ...] = (
    ("number", "card_number", (37, 19, 84, 9)),
    ("name_kana", "kana", (37, 30.3, 84, 3.2)),
    ("name", "name", (37, 33.8, 84, 5.6)),
    ("birth_date", "date", (37, 41.5, 42, 8)),
    ("sex", "code:sex", (90, 41.5, 10, 8)),
    ("address", "address", (37, 52.5, 84, 8)),
    ("medical_insurer_no", "medical_insurer_no", (29, 76, 60, 6)),
    ("medical_insurer_name", "line", (29, 82.5, 80, 6)),
)


def make_blanks() -> Iterator[tuple[Blank, bytes]]:
    """Make the four blanks, each with its picture's file."""
    fonts = Fonts()
    front, back = FrontForm(fonts), BackForm(fonts)
    yield _blank("madobus-care-renewal-front-1", "form_front", front.printed, _front_zones(front))
    yield _blank("madobus-care-renewal-back-1", "form_back", back.printed, _back_zones(back))
    card, health = InsuranceCard(fonts).printed, HealthCard(fonts).printed
    yield _blank("madobus-insurance-card-1", "insurance_card", card, map(_zone, _CARD))
    yield _blank("madobus-medical-card-1", "medical_insurance", health, map(_zone, _HEALTH))


def main(argv: list[str]) -> int:
    """Write the blanks into the folder named."""
    folder = Path(argv[0])
    folder.mkdir(parents=True, exist_ok=True)
    for blank, data in make_blanks():
        (folder / f"{blank.id}.webp").write_bytes(data)
        (folder / f"{blank.id}.toml").write_text(blank_text(blank), "utf-8")
        print(f"{blank.id}: {len(blank.zones)} zones, {len(data)} bytes")
    return 0


def _blank(name: str, kind: str, paper: Paper, zones: Iterator[Zone]) -> tuple[Blank, bytes]:
    grey = np.asarray(paper.image.convert("L"), np.uint8)
    return make_blank(name, kind, (paper.width, paper.height), grey, tuple(zones))


def _front_zones(form: FrontForm) -> Iterator[Zone]:
    yield Zone("insured_no", "insured_no", (50, 46.5, 60, 7), "boxes")
    yield Zone("individual_no", "hidden", (135, 46.5, 59, 7), "boxes")
    for key, (x, y), points, width in renewal_front.PLACES:
        high = points * POINT_MM * 1.5
        kind = TYPES.get(key, "line")
        yield Zone(key, kind, (x - 0.5, y - high / 2, width + 1, high))
    yield from _choices(form.circles)


def _back_zones(form: BackForm) -> Iterator[Zone]:
    for key, middle, _ in renewal_back.PLACES:
        yield Zone(key, TYPES.get(key, "line"), (LEFT + 46, middle - 4.5, 130, 9))
    yield Zone("survey.notes", "text", (LEFT + 46, 113.5, 130, 20))
    yield Zone("reference", "reference", (31, 33, 30, 4))
    yield from _choices(form.circles)


def _choices(circles: dict[tuple[str, str], Box]) -> Iterator[Zone]:
    for (key, code), box in circles.items():
        yield Zone(key, f"is:{code}", box, "circle")


def _zone(told: tuple[str, str, Box]) -> Zone:
    key, kind, box = told
    return Zone(key, kind, box, "boxes" if key in ("insured_no", "insurer_no") else "line")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

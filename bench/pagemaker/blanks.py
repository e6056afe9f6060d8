"""The blank of a layout: what is printed before anybody writes (grey, 200 dpi) and where the values will stand."""

from collections.abc import Collection
from pathlib import Path
from random import Random

import cv2
import numpy as np

from bench.pagemaker.draw import draw
from bench.pagemaker.layout import Layout, read_layouts
from bench.pagemaker.paper import Paper
from bench.pagemaker.people import make_person
from bench.pagemaker.sample import CLEAN_DPI
from papers.blank import Blank, Grey, Zone
from papers.blank import make_blank as blank_of

KINDS = {
    "form": "form_front",
    "back": "form_back",
    "cert": "insurance_card",
    "card": "medical_insurance",
    "iken": "physician_opinion",
}
KEYS = {
    "apply_date": ("application_date", "date"),
    "hihokensha_no": ("insured_no", "insured_no"),
    "hokensha_no": ("insurer_no", "insurer_no"),
    "kojin_no": ("individual_no", "hidden"),
    "name": ("name", "name"),
    "kana": ("name_kana", "kana"),
    "birth": ("birth_date", "date"),
    "sex": ("sex", "code:sex"),
    "zip": ("postal_code", "postal_code"),
    "addr": ("address", "address"),
    "bldg": ("address", "address"),
    "tel": ("phone", "phone"),
    "level": ("prev_result", "code:care_level"),
    "valid_from": ("prev_valid_from", "date"),
    "valid_to": ("prev_valid_to", "date"),
    "iryo_hokensha_mei": ("medical_insurer_name", "line"),
    "iryo_hokensha_no": ("medical_insurer_no", "medical_insurer_no"),
    "iryo_hihokensha_no": ("number", "digits"),
    "nyuin": ("current_place.past", "choice"),
    "nyuin_name": ("current_place.past_name", "line"),
    "nyuin_period": ("current_place.past_from", "stay_period"),
    "daiko_name": ("filer.office_name", "line"),
    "daiko_kind": ("filer.office_kind", "choice"),
    "daiko_addr": ("filer.address", "address"),
    "daiko_tel": ("filer.phone", "phone"),
    "doctor": ("physician.name", "name"),
    "hospital": ("physician.hospital", "line"),
    "hospital_addr": ("physician.address", "address"),
    "hospital_tel": ("physician.phone", "phone"),
    "tachiai": ("survey.contact", "name"),
    "zokugara": ("survey.relation", "line"),
    "tachiai_tel": ("survey.phone", "phone"),
    "chosa_memo": ("survey.bad_days", "text"),
    "attendee": ("survey.attendee", "choice"),
    "place": ("survey.place", "choice"),
    "haiyo": ("survey.notes", "text"),
    "consent": ("consent_disclosure", "choice"),
    "signature": ("consent_name", "name"),
}
"""The reader's field and type for each key of a truth file; others have no zone."""


def make_blank(folder: Path, layout: Layout, seed: int) -> None:
    """Write LAYOUT.png (grey, 200 dpi) and LAYOUT.toml (kind, page, zones); the seed chooses the city."""
    paper, picture = _printed(layout, seed)
    cv2.imwrite(str(folder / f"{layout.name}.png"), picture)
    kind = f'kind = "{KINDS[layout.doc]}"'
    lines = [kind, f"page_mm = [{paper.width}, {paper.height}]", "zones = ["]
    lines += [_line(zone) for zone in _zones(paper)]
    (folder / f"{layout.name}.toml").write_text("\n".join([*lines, "]", ""]), "utf-8")


def known_blanks(names: Collection[str], seed: int = 1) -> dict[str, Blank]:
    """Make the blanks of those of our layouts that are named and no strangers; the seed chooses the city."""
    made = {}
    for layout in read_layouts():
        if layout.name in names and not layout.held and not layout.told.get("unknown"):
            paper, picture = _printed(layout, seed)
            size = (paper.width, paper.height)
            made[layout.name], _ = blank_of(
                layout.name, KINDS[layout.doc], size, picture, _zones(paper)
            )
    return made


def _printed(layout: Layout, seed: int) -> tuple[Paper, Grey]:
    rng = Random(seed)  # noqa: S311 -- made again by its seed
    paper, _ = draw(layout, make_person(rng), rng, held=layout.held, blank=True)
    pixels = (round(paper.width * CLEAN_DPI / 25.4), round(paper.height * CLEAN_DPI / 25.4))
    small = cv2.resize(np.asarray(paper.image), pixels, interpolation=cv2.INTER_AREA)
    return paper, np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)


def _zones(paper: Paper) -> list[Zone]:
    found = []
    for zone in paper.zones:
        if zone["key"] in KEYS:
            key, kind = KEYS[zone["key"]]
            x, y, width, height = zone["box_mm"]
            kind = f"is:{zone['code']}" if zone["code"] else kind
            found.append(Zone(key, kind, (x, y, width, height), zone["style"]))
    return found


def _line(zone: Zone) -> str:
    box = ", ".join(f"{side:g}" for side in zone.box_mm)
    return f'  {{ key = "{zone.key}", type = "{zone.type}", box_mm = [{box}], style = "{zone.style}" }},'

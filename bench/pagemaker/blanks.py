"""The blank of a layout: what is printed before anybody writes (grey, 200 dpi) and where the values will stand."""

from pathlib import Path
from random import Random
from typing import Any

import cv2
import numpy as np

from bench.pagemaker.draw import draw
from bench.pagemaker.layout import Layout
from bench.pagemaker.people import make_person
from bench.pagemaker.sample import CLEAN_DPI

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
    rng = Random(seed)  # noqa: S311 -- made again by its seed
    paper, _ = draw(layout, make_person(rng), rng, held=layout.held, blank=True)
    width, height = paper.width, paper.height
    pixels = (round(width * CLEAN_DPI / 25.4), round(height * CLEAN_DPI / 25.4))
    small = cv2.resize(np.asarray(paper.image), pixels, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(folder / f"{layout.name}.png"), cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    lines = [f'kind = "{KINDS[layout.doc]}"', f"page_mm = [{width}, {height}]", "zones = ["]
    lines += [_zone(zone) for zone in paper.zones if zone["key"] in KEYS]
    (folder / f"{layout.name}.toml").write_text("\n".join([*lines, "]", ""]), "utf-8")


def _zone(zone: dict[str, Any]) -> str:
    key, kind = KEYS[zone["key"]]
    kind = f"is:{zone['code']}" if zone["code"] else kind
    box = ", ".join(f"{side:g}" for side in zone["box_mm"])
    return f'  {{ key = "{key}", type = "{kind}", box_mm = [{box}], style = "{zone["style"]}" }},'

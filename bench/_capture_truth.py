"""Ground truth of sample pages in our canonical writing, and how a reading compares with it."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance.desk.pages.sheet import FieldReading, ReadSheet
from appliance.desk.pages.values import dates_in
from bench.pagemaker.choices import CODES
from procedures import fields

KINDS = {
    "form": "form_front",
    "back": "form_back",
    "cert": "insurance_card",
    "card": "medical_insurance",
    "iken": "physician_opinion",
}
KEYS = {
    "hihokensha_no": "insured_no",
    "hokensha_no": "insurer_no",
    "name": "name",
    "kana": "name_kana",
    "birth": "birth_date",
    "sex": "sex",
    "zip": "postal_code",
    "addr": "address",
    "tel": "phone",
    "level": "prev_result",
    "valid_from": "prev_valid_from",
    "valid_to": "prev_valid_to",
    "iryo_hokensha_mei": "medical_insurer_name",
    "iryo_hokensha_no": "medical_insurer_no",
    "iryo_hihokensha_no": "number",
    "nyuin": "current_place.past",
    "daiko_name": "filer.office_name",
    "daiko_kind": "filer.office_kind",
    "daiko_addr": "filer.address",
    "daiko_tel": "filer.phone",
    "doctor": "physician.name",
    "hospital": "physician.hospital",
    "hospital_addr": "physician.address",
    "hospital_tel": "physician.phone",
    "nyuin_name": "current_place.past_name",
    "tachiai": "survey.contact",
    "zokugara": "survey.relation",
    "tachiai_tel": "survey.phone",
    "attendee": "survey.attendee",
    "place": "survey.place",
    "haiyo": "survey.notes",
    "chosa_memo": "survey.bad_days",
    "consent": "consent_disclosure",
    "apply_date": "application_date",
    "signature": "consent_name",
}
DATES = {"birth_date", "prev_valid_from", "prev_valid_to", "application_date"}
NUMBERS = frozenset({"insured_no", "prev_result", *DATES})
"""What must be exact: insured number, dates, level."""
HALF = str.maketrans("０１２３４５６７８９", "0123456789")
OPINION_KEYS = {"name", "name_kana"}


@dataclass(frozen=True)
class Capture:
    """One picture of a sample page and what is true of it."""

    name: str
    way: str
    sample: dict[str, Any]
    path: Path

    @property
    def shot(self) -> dict[str, Any]:
        """What the truth file says of this picture."""
        told: dict[str, Any] = self.sample["captures"][self.way]
        return told

    @property
    def dpi(self) -> int:
        """Dots per inch of a scan; 0 for a photograph, whose scale nobody knows."""
        return int(self.shot.get("dpi", 0))


@dataclass
class Count:
    """How one field fared; `covered` pages have a finger on it and count only when read wrongly in silence."""

    exact: int = 0
    sure: int = 0
    flagged: int = 0
    silent: int = 0
    missing: int = 0
    pages: int = 0


@dataclass
class Tally:
    """Readings compared with the truth."""

    by_field: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    by_way: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    strict: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    kinds: list[bool] = field(default_factory=list)
    codes: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    wrong: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)

    def add(self, capture: Capture, sheet: ReadSheet) -> None:
        """Compare one sheet with its truth."""
        sample = capture.sample
        self.kinds.append(sheet.kind == KINDS[sample["doc"]])
        if sample["qr"]:
            right = sheet.qr is not None and sheet.qr.payload == sample["qr"]["payload"]
            self.codes[capture.way].append(right)
        if not self.kinds[-1]:
            self.wrong.append(f"{capture.name}: kind {sheet.kind}")
        covered = {KEYS.get(key) for key in capture.shot.get("occluded_fields", [])}
        for key, value in truth_of(sample).items():
            self._note(capture, key, value, sheet.field(key), covered=key in covered)
        self._look_for_leaks(capture, sheet)

    def _note(
        self, capture: Capture, key: str, value: str, reading: FieldReading | None, *, covered: bool
    ) -> None:
        right = reading is not None and same(reading.value, value)
        counts = [self.by_field[key], self.by_way[capture.way]]
        counts += [self.strict[capture.way]] if key in NUMBERS else []
        for count in counts:
            if covered and not right:
                count.flagged += reading is not None and reading.doubtful
            else:
                count.pages += 1
                count.exact += right
                count.missing += reading is None
                count.flagged += reading is not None and reading.doubtful
                count.sure += right and reading is not None and not reading.doubtful
            count.silent += reading is not None and not right and not reading.doubtful
        if right:
            return
        told = "nothing" if reading is None else reading.value
        line = f"{capture.name} {capture.sample['layout']} {key}: {told} instead of {value}"
        self.wrong.append(line)
        if reading is not None and not reading.doubtful:
            self.silent.append(line)

    def _look_for_leaks(self, capture: Capture, sheet: ReadSheet) -> None:
        secret = capture.sample["fields"].get("kojin_no", {}).get("value", "")
        if not secret:
            return
        told = [f for f in sheet.fields if f.key == "individual_no" or secret in f.value + f.raw]
        self.leaks += [f"{capture.name} {reading.key}" for reading in told]
        self.hidden.append(any(f.code == "individual_number_hidden" for f in sheet.findings))


def captures(folder: Path, only: str) -> Iterator[Capture]:
    """Walk a folder of samples in order of their names."""
    for path in sorted(folder.glob("*.json")):
        sample = json.loads(path.read_text("utf-8"))
        for way in sorted(sample.get("captures", {})):
            picture = path.with_name(f"{path.stem}-{way}.jpg")
            if picture.exists() and only in picture.name:
                yield Capture(picture.stem, way, sample, picture)


def truth_of(sample: dict[str, Any]) -> dict[str, str]:
    """Write the ground truth in canonical form, keyed like our fields."""
    told = {name: entry["value"] for name, entry in sample["fields"].items()}
    truth = {KEYS[name]: _canonical(name, text) for name, text in told.items() if name in KEYS}
    if sample["doc"] == "form" and "bldg" in told:
        truth["address"] += told["bldg"]
    if sample["doc"] == "iken":
        truth = {key: truth[key] for key in OPINION_KEYS}
    return truth


def _canonical(name: str, text: str) -> str:
    key = KEYS[name]
    if key in DATES:
        return (dates_in(text) or [text])[0]
    if key in {"sex", "prev_result"}:
        return fields.normalise("code:sex" if key == "sex" else "code:care_level", text)
    return CODES.get((name, text), text)


def same(one: str, other: str) -> bool:
    """Whether two values are the same but for spaces and the width of digits."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text).translate(HALF)

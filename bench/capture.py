"""Measures page reading on a folder of sample pages with ground truth.

    python bench/capture.py DIR [--json] [--only TEXT]

DIR holds NAME.json beside NAME-scan.jpg and NAME-photo.jpg. Every page is read wholly, without any due list; pages
with a code are read a second time lightly, as the desk does when the due list knows the person. Seconds are
processor seconds of one thread. A silent error is a wrong value that claims a confidence of 0.8 or more.
"""

import argparse
import json
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from appliance.desk.pages.page import PageDesk
from appliance.desk.pages.sheet import FieldReading, ReadSheet
from appliance.desk.pages.values import dates_in
from procedures import fields

TODAY = date(2026, 4, 1)
KINDS = {
    "form": "form_front",
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
    "daiko_name": "filer.office_name",
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
    "chosa_memo": "survey.bad_days",
    "apply_date": "application_date",
    "signature": "consent_name",
}
DATES = {"birth_date", "prev_valid_from", "prev_valid_to", "application_date"}
OPINION_KEYS = {"name", "name_kana"}
CODES = {"sex": "code:sex", "prev_result": "code:care_level"}


@dataclass
class Count:
    """How one field fared."""

    exact: int = 0
    sure: int = 0
    silent: int = 0
    missing: int = 0
    pages: int = 0


@dataclass
class Tally:
    """Everything measured."""

    fields: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    by_capture: dict[str, Count] = field(default_factory=lambda: defaultdict(Count))
    kinds: list[bool] = field(default_factory=list)
    codes: list[bool] = field(default_factory=list)
    deep_seconds: list[float] = field(default_factory=list)
    light_seconds: list[float] = field(default_factory=list)
    page_bytes: list[int] = field(default_factory=list)
    preview_bytes: list[int] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)


def truth_of(sample: dict[str, Any]) -> dict[str, str]:
    """Write the ground truth in canonical form, keyed like our fields."""
    told = {name: entry["value"] for name, entry in sample["fields"].items()}
    truth = {
        KEYS[name]: _canonical(KEYS[name], text) for name, text in told.items() if name in KEYS
    }
    if sample["doc"] == "form" and "bldg" in told:
        truth["address"] += told["bldg"]
    if sample["doc"] == "iken":
        truth = {key: truth[key] for key in OPINION_KEYS}
    return truth


def _canonical(key: str, text: str) -> str:
    if key in DATES:
        return (dates_in(text) or [text])[0]
    if key in CODES:
        return fields.normalise(CODES[key], text)
    return text


def captures(folder: Path, only: str) -> Iterator[tuple[str, str, dict[str, Any], bytes]]:
    """Walk the folder: name, capture, ground truth, bytes of the picture."""
    for path in sorted(folder.glob("*.json")):
        sample = json.loads(path.read_text("utf-8"))
        for capture in sorted(sample.get("captures", {})):
            picture = path.with_name(f"{path.stem}-{capture}.jpg")
            if picture.exists() and only in picture.name:
                yield picture.stem, capture, sample, picture.read_bytes()


def measure(folder: Path, only: str) -> Tally:
    """Read every page of the folder."""
    tally, desk = Tally(), PageDesk(TODAY)
    for name, capture, sample, data in captures(folder, only):
        begin = time.process_time()
        sheet = desk.read(data, lambda _: True)
        tally.deep_seconds.append(time.process_time() - begin)
        tally.kinds.append(sheet.kind == KINDS[sample["doc"]])
        tally.page_bytes.append(len(sheet.page))
        tally.preview_bytes.append(len(sheet.preview))
        if sample["qr"]:
            tally.codes.append(sheet.qr is not None and sheet.qr.payload == sample["qr"]["payload"])
            begin = time.process_time()
            desk.read(data, lambda _: False)
            tally.light_seconds.append(time.process_time() - begin)
        _compare(tally, name, capture, truth_of(sample), sheet)
        _look_for_leaks(tally, name, sample, sheet)
        print(f"{name} {sheet.kind} {tally.deep_seconds[-1]:.1f} s", file=sys.stderr)
    return tally


def _compare(
    tally: Tally, name: str, capture: str, truth: dict[str, str], sheet: ReadSheet
) -> None:
    for key, value in truth.items():
        reading = sheet.field(key)
        for count in (tally.fields[key], tally.by_capture[capture]):
            _note(count, reading, value)
        if reading and not reading.doubtful and not _same(reading.value, value):
            tally.silent.append(f"{name} {key}: {reading.value} instead of {value}")


def _note(count: Count, reading: FieldReading | None, value: str) -> None:
    count.pages += 1
    count.missing += reading is None
    if reading is not None and _same(reading.value, value):
        count.exact += 1
        count.sure += not reading.doubtful
    elif reading is not None and not reading.doubtful:
        count.silent += 1


def _same(one: str, other: str) -> bool:
    return re.sub(r"\s", "", one) == re.sub(r"\s", "", other)


def _look_for_leaks(tally: Tally, name: str, sample: dict[str, Any], sheet: ReadSheet) -> None:
    secret = sample["fields"].get("kojin_no", {}).get("value", "")
    if not secret:
        return
    told = [f for f in sheet.fields if f.key == "individual_no" or secret in f.value + f.raw]
    tally.leaks += [f"{name} {reading.key}" for reading in told]
    tally.hidden.append(any(f.code == "individual_number_hidden" for f in sheet.findings))


def report(tally: Tally) -> dict[str, Any]:
    """Put the measurements into one object."""
    total = [sum(getattr(c, part) for c in tally.fields.values()) for part in Count.__annotations__]
    return {
        "pages": len(tally.kinds),
        "kinds_right": sum(tally.kinds),
        "codes_right": sum(tally.codes),
        "codes": len(tally.codes),
        "all": dict(zip(Count.__annotations__, total, strict=True)),
        "by_capture": {name: vars(count) for name, count in tally.by_capture.items()},
        "fields": {key: vars(count) for key, count in sorted(tally.fields.items())},
        "silent": tally.silent,
        "individual_numbers_read_out": tally.leaks,
        "individual_numbers_hidden": f"{sum(tally.hidden)} of {len(tally.hidden)}",
        "deep_seconds": _spread(tally.deep_seconds),
        "light_seconds": _spread(tally.light_seconds),
        "page_bytes": _spread(tally.page_bytes),
        "preview_bytes": _spread(tally.preview_bytes),
    }


def _spread(numbers: Sequence[float]) -> dict[str, float]:
    if not numbers:
        return {}
    return {
        "mean": round(statistics.fmean(numbers), 2),
        "median": round(statistics.median(numbers), 2),
        "most": round(max(numbers), 2),
    }


def show(told: dict[str, Any]) -> None:
    """Print the report for people."""
    print(f"pages {told['pages']}, kind right {told['kinds_right']}")
    print(f"codes {told['codes_right']} of {told['codes']}")
    print(f"{'field':28} exact  sure silent missing pages")
    rows = {**told["fields"], **told["by_capture"], "ALL": told["all"]}
    for key, count in rows.items():
        print(f"{key:28} " + " ".join(f"{count[part]:5}" for part in Count.__annotations__))
    for line in told["silent"]:
        print("SILENT", line)
    for name in ("deep_seconds", "light_seconds", "page_bytes", "preview_bytes"):
        print(name, told[name])
    print("individual numbers hidden:", told["individual_numbers_hidden"])
    print("individual numbers read out:", told["individual_numbers_read_out"] or "none")


def main() -> int:
    """Measure and print; ends with 1 when a silent error or a leak was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", default="", help="read only pictures whose name has this text")
    asked = parser.parse_args()
    told = report(measure(asked.folder, asked.only))
    if asked.json:
        print(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        show(told)
    return 1 if told["silent"] or told["individual_numbers_read_out"] else 0


if __name__ == "__main__":
    sys.exit(main())

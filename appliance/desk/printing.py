"""Receipts as a PDF: on A4 the batch's slip, then two people a page; on a receipt printer's roll a page each."""

import json
from collections.abc import Collection
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from appliance.desk.codes import qr_svg, qr_width
from appliance.desk.prints import Paper
from appliance.desk.receipts import BatchSlip

Side = Literal["provider", "city"]
BOTH: tuple[Side, ...] = ("provider", "city")
"""Each receipt is printed twice: one goes with the provider, one stays with the city."""
ROLLS = {"roll80": 80, "roll58": 58}


def print_slips(
    slip: BatchSlip,
    *,
    paper: Paper = "a4",
    sides: tuple[Side, ...] = ("provider",),
    only: Collection[str] | None = None,
    kind: Literal["pdf", "png"] = "pdf",
) -> bytes:
    """Return the PDF with a set for each side; what was printed before is marked 再発行 by the slip itself.

    `only` names the receipts of single people that are wanted, without the batch's slip. `kind` "png" gives the
    first page as a picture, for looking at it.
    """
    import typst  # noqa: PLC0415 - 100 MB of program that only printing needs

    told: dict[str, Any] = asdict(slip)
    told["totals"] = slip.totals.as_json()
    told["sets"], told["whole"] = list(sides), only is None
    for person in told["people"]:
        person["qr"], person["modules"] = qr_svg(person["address"]), qr_width(person["address"])
        person["wanted"] = only is None or person["number"] in only
    inputs = {"slip": json.dumps(told, ensure_ascii=False)}
    if paper in ROLLS:
        inputs["roll"] = str(ROLLS[paper])
    template = "roll.typ" if paper in ROLLS else "slip.typ"
    made: bytes | list[bytes] = typst.compile(
        str(files("appliance.desk").joinpath(template)),
        sys_inputs=inputs,
        font_paths=[str(font_folder())],
        format=kind,
    )
    return bytes(made[0] if isinstance(made, list) else made)


def font_folder() -> Path:
    """Return the folder of the Japanese font that came with the program."""
    return Path(str(files("noto_cjk_sans_jp_regular")))

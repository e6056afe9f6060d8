"""Receipts as an A4 PDF: the batch's slip on the first page, then one slip a person, two a page."""

import json
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from appliance.desk.codes import qr_svg
from appliance.desk.receipts import BatchSlip

TEMPLATE = "slip.typ"


def print_slips(
    slip: BatchSlip, *, copy: bool = False, kind: Literal["pdf", "png"] = "pdf"
) -> bytes:
    """Return the PDF; `copy` marks every page as printed again (再発行).

    `kind` "png" gives the first page as a picture, for looking at it.
    """
    import typst  # noqa: PLC0415 - 100 MB of program that only printing needs

    told: dict[str, Any] = asdict(slip)
    told["copy"] = copy
    told["totals"] = slip.totals.as_json()
    for person in told["people"]:
        person["qr"] = qr_svg(person["address"])
    template = str(files("appliance.desk").joinpath(TEMPLATE))
    made: bytes | list[bytes] = typst.compile(
        template,
        sys_inputs={"slip": json.dumps(told, ensure_ascii=False)},
        font_paths=[str(font_folder())],
        format=kind,
    )
    return bytes(made[0] if isinstance(made, list) else made)


def font_folder() -> Path:
    """Return the folder of the Japanese font that came with the program."""
    return Path(str(files("noto_cjk_sans_jp_regular")))

"""The hand-over list of bags on paper (原本袋の引き渡し一覧): no full number, no name."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files

from appliance.desk.printing import font_folder


@dataclass(frozen=True, slots=True)
class BagLine:
    """One original: its bag, where it is, which paper, whose (receipt number, initials), since when, noted by whom."""

    bag: str
    state: str
    paper: str
    receipt: str
    person: str
    at: str
    staff: str


def print_bags(
    facts: Sequence[tuple[str, str]], lines: Sequence[BagLine], counts: Mapping[str, int]
) -> bytes:
    """Return the list as a PDF (A4), with places for the signatures of who gives and who takes."""
    import typst  # noqa: PLC0415 - 100 MB of program that only printing needs

    told = {"facts": list(facts), "lines": [asdict(line) for line in lines], "counts": counts}
    made: bytes | list[bytes] = typst.compile(
        str(files("appliance.desk").joinpath("baglist.typ")),
        sys_inputs={"told": json.dumps(told, ensure_ascii=False)},
        font_paths=[str(font_folder())],
        format="pdf",
    )
    return bytes(made[0] if isinstance(made, list) else made)

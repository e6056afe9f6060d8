"""Measures capture on a folder of sample pages with ground truth: reading, codes, corners, bytes, seconds, memory.

    ./run bench capture DIR [--json] [--only TEXT] [--peers] [--sheet OUT.png] [--wrong] [--without loss,corners]

DIR holds NAME.json beside NAME-scan.jpg and NAME-photo.jpg. Every page is read wholly through the desk's reader, two
at a time, without any due list. A silent error is a wrong value offered without a flag.
"""

import argparse
import asyncio
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench._capture_corners import Corners, measure_corners
from bench._capture_loss import (
    Loss,
    flattened,
    measure_losses,
    on_its_blank,
    our_ways,
    peer_ways,
)
from bench._capture_peers import Peer, code_peers, tesseract
from bench._capture_run import LANES, Cost, read_all
from bench._capture_sheet import write_contact_sheet
from bench._capture_truth import Capture, Count, Tally, captures
from bench.pagemaker.blanks import known_blanks

COLUMNS = ("pages", "exact", "sure", "flagged", "silent", "missing")


@dataclass
class Outcome:
    """Everything measured on one folder."""

    tally: Tally
    cost: Cost
    page_bytes: list[int]
    preview_bytes: list[int]
    corners: Corners | None = None
    losses: list[Loss] = field(default_factory=list)


def _losses(pages: Sequence[Capture], *, peers: bool) -> list[Loss]:
    """Measure what the copies lose; pages of the generator's layouts also as known forms, on their blanks."""
    told = measure_losses(pages, flattened, our_ways() | (peer_ways() if peers else {}))
    blanks = known_blanks({page.sample["layout"] for page in pages})
    known = measure_losses(pages, on_its_blank(blanks), our_ways()) if blanks else []
    return told + [replace(loss, name=f"{loss.name}, known form") for loss in known]


def figures(outcome: Outcome) -> dict[str, Any]:
    """Put the figures into one object; a figure that could not be measured is null.

    Exact: share of the truth's fields, fields under a finger left out. Flagged: values offered with a doubt. Corners:
    the worst of the four, on photographs; a failure is a wrong page that was not said to be unsure. Bytes: means.
    Loss: points of character errors of the working copy. Seconds: processor seconds by the number of lanes.
    """
    tally, corners = outcome.tally, outcome.corners
    return {
        "pages": outcome.cost.pages,
        "fields_exact_scan": _share(tally.by_way.get("scan")),
        "fields_exact_photo": _share(tally.by_way.get("photo")),
        "silent_errors": len(tally.silent),
        "flagged": sum(count.flagged for count in tally.by_way.values()),
        "qr_rate_scan": _rate(tally.codes.get("scan", [])),
        "qr_rate_photo": _rate(tally.codes.get("photo", [])),
        "corner_px_median": _median(corners.errors) if corners else None,
        "corner_failures": corners.failures if corners else None,
        "bytes_per_page": round(statistics.fmean(outcome.page_bytes)),
        "preview_bytes": round(statistics.fmean(outcome.preview_bytes)),
        "ocr_loss": round(outcome.losses[0].points, 2) if outcome.losses else None,
        "seconds_per_page": round(outcome.cost.processor_s / LANES / outcome.cost.pages, 2),
        "rss_mb": round(outcome.cost.rss_mb),
    }


def _share(count: Count | None) -> float | None:
    return round(count.exact / count.pages, 4) if count and count.pages else None


def _rate(found: Sequence[bool]) -> float | None:
    return round(sum(found) / len(found), 4) if found else None


def _median(errors: Sequence[float]) -> float | None:
    return round(statistics.median(errors), 2) if errors else None


def show_reading(outcome: Outcome, *, wrong: bool) -> None:
    """Print how fields, kinds and codes fared, what is sent, and what it cost."""
    tally, cost = outcome.tally, outcome.cost
    print(f"kinds right {sum(tally.kinds)} of {len(tally.kinds)}")
    print(f"{'field':28} " + " ".join(f"{name:>7}" for name in COLUMNS))
    rows = {**dict(sorted(tally.by_field.items())), **tally.by_way}
    rows |= {f"numbers, dates, level {way}": count for way, count in tally.strict.items()}
    for key, count in rows.items():
        print(f"{key:28} " + " ".join(f"{getattr(count, name):7}" for name in COLUMNS))
    for line in tally.wrong if wrong else tally.silent:
        print("SILENT" if line in tally.silent else "wrong ", line)
    hidden = f"{sum(tally.hidden)} of {len(tally.hidden)}"
    print(f"individual numbers hidden {hidden}, told {tally.leaks or 'none'}")
    for way, codes in tally.codes.items():
        print(f"codes read {way} {sum(codes)} of {len(codes)}")
    for name, sizes in (("page", outcome.page_bytes), ("first look", outcome.preview_bytes)):
        print(f"bytes of a {name}: median {statistics.median(sizes):.0f}, most {max(sizes)}")
    print(
        f"seconds: {cost.processor_s / cost.pages:.2f} of a processor a page, {cost.wall_s / cost.pages:.2f} on the "
        f"wall with {LANES} at once; memory of all readers at most {cost.rss_mb:.0f} MB",
        flush=True,
    )


def _show_loss(loss: Loss) -> None:
    print(
        f"{loss.name}: {len(loss.sizes)} pages of {loss.kilobytes:.1f} KB (most {max(loss.sizes) / 1000:.1f}), loss "
        f"{loss.points:+.2f} points of {loss.signs} signs, values {loss.value_points:+.2f} of {loss.value_signs}",
        flush=True,
    )


def _show_corners(name: str, told: Corners) -> None:
    print(
        f"{name}: median {_median(told.errors)} px, most {max(told.errors, default=0):.1f}, of {told.photos} photos "
        f"{told.unsure} said to be unsure, {told.failures} wrong and not said"
    )
    for line in told.names:
        print("  ", line)


def show_peers(pages: Sequence[Capture]) -> None:
    """Print what other programs make of the same pages."""
    _show_corners("plain contour search", measure_corners(pages, peer=True))
    found: list[Peer | None] = [*code_peers(pages), tesseract(pages)]
    for peer in found:
        if peer is not None:
            print(f"{peer.name}: {peer.right} of {peer.asked}, {peer.seconds:.2f} s a page")


def main() -> int:
    """Measure and print; ends with 1 when a silent error or a leak was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--only", default="", help="only pictures whose name has this text")
    parser.add_argument("--peers", action="store_true", help="measure other programs beside ours")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet (PNG) here")
    parser.add_argument("--wrong", action="store_true", help="list every value that was not right")
    parser.add_argument("--without", default="", help="leave out: loss, corners")
    asked = parser.parse_args()
    pages = list(captures(asked.folder, asked.only))
    if not pages:
        print(
            f"{asked.folder}: no NAME.json beside NAME-scan.jpg or NAME-photo.jpg", file=sys.stderr
        )
        return 2
    sheets, cost = asyncio.run(read_all(pages))
    tally = Tally()
    for page, sheet in zip(pages, sheets, strict=True):
        tally.add(page, sheet)
    sizes = [len(sheet.page) for sheet in sheets], [len(sheet.preview) for sheet in sheets]
    outcome = Outcome(tally, cost, *sizes)
    show_reading(outcome, wrong=asked.wrong)
    if asked.sheet:
        write_contact_sheet(asked.sheet, pages, sheets)
    without = asked.without.split(",")
    if "corners" not in without:
        outcome.corners = measure_corners(pages)
        _show_corners("corners", outcome.corners)
    if "loss" not in without:
        outcome.losses = _losses(pages, peers=asked.peers)
        for loss in outcome.losses:
            _show_loss(loss)
    if asked.peers:
        show_peers(pages)
    if asked.json:
        print(json.dumps(figures(outcome), ensure_ascii=False))
    return 1 if outcome.tally.silent or outcome.tally.leaks else 0


if __name__ == "__main__":
    sys.exit(main())

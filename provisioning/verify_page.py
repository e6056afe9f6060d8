"""`madobus verify page`: the page that checks receipts in any browser, made for one city as one file."""

import argparse
from pathlib import Path

from provisioning.files import write_whole
from provisioning.verifier.page import make_page
from sync.bundle import KeyBundle


def add(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes besides the keys."""
    parser.add_argument("--out", type=Path, required=True, help="the page's file, e.g. verify.html")
    parser.add_argument("--city", default="", help="the city's name, as it stands on the page")


def run(given: argparse.Namespace, bundle: KeyBundle) -> dict[str, str | int]:
    """Write the page and say what is in it."""
    page = make_page(bundle, given.city).encode("utf-8")
    write_whole(given.out, page)
    return {
        "page": str(given.out),
        "bytes": len(page),
        "bundle": bundle.version,
        "countersigners": len(bundle.countersigners),
        "boxes": len(bundle.devices),
    }

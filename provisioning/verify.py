"""`madobus verify`: anyone can check receipts, journals and logs, without a network and without a secret."""

import argparse
import json
import sys
from pathlib import Path

from provisioning import verify_journal, verify_log, verify_page
from provisioning.broken import BrokenError
from sync.bundle import KeyBundle, Revoked, decode_bundle
from sync.errors import SealError
from sync.receipt import COMPLETE, BoxReceipt, HallReceipt, from_text, read_receipt
from sync.root import Root, decode_root

LONGEST_RECEIPT = 4096


def verify_receipt(
    text: str,
    bundle_text: str,
    root: Root | None = None,
) -> BoxReceipt | HallReceipt:
    """Return what a receipt says once its signature and its times hold; raises SealError or ValueError.

    Without `root` the bundle is believed as it is: fetch it where you would believe the city.
    """
    return read_receipt(from_text(text.strip()), decode_bundle(bundle_text, root))


def main(argv: list[str]) -> int:
    """Run `verify receipt|page|journal|log ...`; exit 0 only for what holds."""
    parser = argparse.ArgumentParser(prog="madobus verify", description=__doc__)
    verbs = parser.add_subparsers(dest="what", required=True)
    receipt = verbs.add_parser("receipt", help="does a receipt hold?")
    receipt.add_argument(
        "receipt", help="the receipt's text (https://…/r#…) or a file that holds it"
    )
    page = verbs.add_parser("page", help="make the page that checks receipts in any browser")
    verify_page.add(page)
    for one in (receipt, page):
        _add_keys(one)
    journal = verbs.add_parser("journal", help="is a bus's journal what the bus wrote?")
    verify_journal.add(journal)
    log = verbs.add_parser("log", help="is city hall's filing log what city hall wrote?")
    verify_log.add(log)
    receipt.set_defaults(run=_run_receipt)
    page.set_defaults(run=verify_page.run)
    journal.set_defaults(run=verify_journal.run)
    log.set_defaults(run=verify_log.run)
    given = parser.parse_args(argv)
    try:
        facts = given.run(given, _bundle(given)) if "keys" in given else given.run(given)
    except (BrokenError, SealError, ValueError, OSError) as failure:
        print(f"{given.what.capitalize()}: it does not hold: {failure}", file=sys.stderr)
        return 1
    print(json.dumps(facts, ensure_ascii=False, indent=1))
    return 0


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keys", type=Path, required=True, help="the city's key bundle (bundle.json)"
    )
    parser.add_argument(
        "--root", type=Path, help="a root document of the city; the bundle's chain must come by it"
    )


def _bundle(given: argparse.Namespace) -> KeyBundle:
    root = read_root(given.root) if given.root else None
    return decode_bundle(given.keys.read_text(encoding="utf-8"), root)


def _run_receipt(given: argparse.Namespace, bundle: KeyBundle) -> dict[str, str | int]:
    text = given.receipt
    if not text.startswith("http") and Path(text).is_file():
        text = Path(text).read_text(encoding="utf-8")[:LONGEST_RECEIPT]
    return describe(read_receipt(from_text(text.strip()), bundle), bundle)


def read_root(path: Path) -> Root:
    """Read a root document (root.json of a box, or one of the city's folder roots); raises SealError."""
    return decode_root(path.read_text(encoding="utf-8"))


def describe(told: BoxReceipt | HallReceipt, bundle: KeyBundle) -> dict[str, str | int]:
    """Return a receipt's facts for a person; a receipt holds no personal data."""
    facts: dict[str, str | int] = {
        "holds": "yes",
        "application": told.env_id.hex(),
        "procedure": told.procedure,
        "filed": told.filed.isoformat(),
        "not_before": told.not_before.isoformat(),
    }
    if isinstance(told, HallReceipt):
        facts["said_by"] = "city hall"
        facts["filing_no"] = told.filing_no
        facts["received"] = told.received.isoformat()
        facts["stage"] = "complete" if told.stage == COMPLETE else "arrived, pages on their way"
    else:
        facts["said_by"] = "the bus (received on board, not yet at city hall)"
        facts["uncertainty_s"] = told.uncertainty_s
        device = bundle.device_by_key(told.key_id)
        if device is not None and device.revoked:
            facts["warning"] = _revoked(told, device.name, device.revoked)
    return facts


def _revoked(told: BoxReceipt, name: str, gone: Revoked) -> str:
    if told.journal_seq > gone.journal:
        return (
            f"the box {name} was revoked on {gone.at.date()}, and city hall does not know this entry; "
            "ask the division before you rely on it"
        )
    return f"the box {name} has been revoked; the receipt was entered before, ask the division about it"

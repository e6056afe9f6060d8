"""`madobus keys VERB`: the months' keys, erasure and retention, the recovery key's shares (docs/keys.md)."""

import sys
from collections.abc import Callable

from provisioning import keys_epochs, keys_erase, keys_recovery

VERBS: dict[str, tuple[Callable[[list[str]], int], str]] = {
    "epoch": (keys_epochs.epoch, "make the next month's opening key and publish it"),
    "shred": (keys_epochs.shred, "destroy a month's opening key once its envelopes are taken in"),
    "erase": (keys_erase.erase, "erase one application: two persons, a certificate"),
    "certificate": (keys_erase.certificate, "check and write an erasure's certificate"),
    "retention": (keys_erase.retention, "list or propose what the city's policy lets go"),
    "split": (keys_recovery.split, "hand the recovery key out again: three new shares of two"),
    "recover": (keys_recovery.recover, "restore the recovery key from two shares"),
    "drill": (keys_recovery.drill, "open a sealed test envelope with two shares"),
}


def main(argv: list[str]) -> int:
    """Run one verb and return its exit code."""
    if not argv or argv[0] not in VERBS:
        width = max(map(len, VERBS))
        lines = [f"  {verb:<{width}}  {words}" for verb, (_, words) in VERBS.items()]
        print("\n".join(["madobus keys VERB ...", "", *lines]), file=sys.stderr)
        return 0 if argv and argv[0] in {"-h", "--help"} else 2
    return VERBS[argv[0]][0](argv[1:])

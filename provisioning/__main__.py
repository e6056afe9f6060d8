"""`madobus VERB ...`: one table of verbs; each room is imported only when its verb is asked for."""

import importlib
import sys
from collections.abc import Callable

VERBS: dict[str, tuple[str, str]] = {
    "demo": (
        "provisioning.demo.command",
        "city hall and one bus on this machine; --auto plays a whole stop",
    ),
    "desk": ("appliance.desk.__main__", "the bus: the counter (sees the applicant)"),
    "uplink": ("appliance.uplink.__main__", "the bus: the uplink (sees the network)"),
    "call": ("appliance.call.__main__", "the bus: the call"),
    "cityhall": (
        "provisioning.cityhall",
        "city hall: intake, office, switchboard; no name starts all three",
    ),
    "verify": ("provisioning.verify", "check a receipt offline"),
    "mail": ("provisioning.mailbox", "what waits on the bus's shelf; carry it on a stick"),
    "simulate": (
        "provisioning.simulate.command",
        "bus days that never were, by seed, under every fault",
    ),
    "scoreboard": (
        "provisioning.scoreboard.command",
        "what was promised, measured now by the commands themselves (ten minutes)",
    ),
    "blank": (
        "provisioning.blank",
        "a city's blank forms: make, check, show, and find which one a page was printed from",
    ),
    "keys": (
        "provisioning.keys",
        "city hall's keys: a new month, shred, erase, retention, recovery by two of three",
    ),
    "provision": ("provisioning.field", "found a city, enrol or revoke a box, publish, probe"),
}


def main(argv: list[str] | None = None) -> int:
    """Run one verb and return its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or arguments[0] not in VERBS:
        width = max(map(len, VERBS))
        lines = [f"  {verb:<{width}}  {words}" for verb, (_, words) in VERBS.items()]
        asked_for_help = not arguments or arguments[0] in ("-h", "--help", "help")
        words = "\n".join(["madobus VERB ...", "", *lines])
        print(
            words if asked_for_help else f"madobus: no verb {arguments[0]!r}.\n{words}",
            file=sys.stderr,
        )
        return 0 if asked_for_help else 2
    room = importlib.import_module(VERBS[arguments[0]][0])
    run: Callable[[list[str]], int] = room.main
    return run(arguments[1:])


if __name__ == "__main__":
    sys.exit(main())

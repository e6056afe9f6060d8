"""Figures 1 to 8 and 11 to 13: what faults cost, in real processes, in simulated days, on a link."""

from typing import Final

from provisioning.scoreboard.figure import Row, Target
from provisioning.scoreboard.ran import Command, Ran
from provisioning.scoreboard.reading import at, count_of, lines_with, pattern, share_of

_FEW: Final = Command("python -m tests.faults --few --json", 900, tells_when_failing=True)
_DESK: Final = Command(
    "python -m tests.faults --json -k the_desk_at_every_step", 900, tells_when_failing=True
)
_ALL: Final = Command("python -m tests.faults --json", 7200, tells_when_failing=True)
_DAYS: Final = Command(
    "python -m provisioning simulate --days 300 --seed 700000", 300, tells_when_failing=True
)
_MANY_DAYS: Final = Command(
    "python -m provisioning simulate --days 100000 --seed 800000 --workers 2",
    24 * 3600,
    tells_when_failing=True,
)
_PLANTED: Final = Command("python -m provisioning simulate --planted", 420, tells_when_failing=True)
_LINK: Final = Command("python -m bench link --applications 10 --mbit-s 2 --json", 420, alone=True)
_LONG_LINK: Final = Command(
    "python -m bench link --applications 60 --mbit-s 2 --json", 1800, alone=True
)
_CUTS: Final = Command("python -m bench resent --json", 300, alone=True)
_LONG_CUTS: Final = Command("python -m bench resent --cuts 30 --json", 900, alone=True)
_FLIPS: Final = Command("python -m tests.threats.flips --flips 2000", 120)

_ENDED: Final = r"^seeds \d+ to \d+: "
_CUT: Final = ("power cuts", "power cuts of a real ext4")
_ENDS: Final = ("uplink kill points", "intake kill points", "intake kill points after a sync")


def _of_ideal(ran: Ran) -> float:
    """Return our seconds for everything over the least the link allows."""
    return at("peers", "madobus", "all_s")(ran) / at("ideal_s")(ran)


FAULTS: Final = (
    Row(1, "acknowledged applications lost, real processes under faults", "applications",
        Target("=", 0), _FEW, count_of("broken I1"), _ALL),
    Row(1, "acknowledged applications lost, simulated days", "applications",
        Target("=", 0), _DAYS, lines_with(" I1 ", _ENDED), _MANY_DAYS),
    Row(1, "applications of those simulated days", "applications",
        Target(">=", 100_000), _DAYS, pattern(r"([\d,]+) applications,"), _MANY_DAYS),
    Row(2, "duplicate filings, real processes under faults", "filings",
        Target("=", 0), _FEW, count_of("broken I2"), _ALL),
    Row(2, "duplicate filings, simulated days", "filings",
        Target("=", 0), _DAYS, lines_with(" I2 ", _ENDED), _MANY_DAYS),
    Row(3, "durable steps of the desk at which it was killed", "%",
        Target("=", 100), _DESK, share_of("desk kill points"), _ALL),
    Row(3, "durable steps of uplink and intake at which they were killed", "%",
        Target("=", 100), _FEW, share_of(*_ENDS), _ALL),
    Row(4, "power-cut images looked through, nothing broken", "images",
        Target(">=", 300), _FEW, count_of(*_CUT), _ALL),
    Row(5, "disk calls of the desk refused with EIO and ENOSPC", "%", Target("=", 100), _DESK,
        share_of("desk disk errors (EIO)", "desk disk errors (ENOSPC)"), _ALL),
    Row(5, "disk calls of uplink and intake refused", "%", Target("=", 100), _FEW,
        share_of("uplink disk errors", "intake disk errors"), _ALL),
    Row(6, "bit flips noticed in 2,000, over slip, part, journal, receipts, bundle, proof", "%",
        Target("=", 100), _FLIPS, at("noticed_percent")),
    Row(7, "simulated bus days in this run", "days",
        Target(">=", 100_000), _DAYS, pattern(r"^([\d,]+) days,"), _MANY_DAYS),
    Row(7, "simulated bus days with a violation", "days",
        Target("=", 0), _DAYS, pattern(r"^seeds \d+ to \d+: (\d+) with"), _MANY_DAYS),
    Row(7, "simulated bus days a second", "days/s",
        Target(">=", 100), _DAYS, pattern(r"([\d.,]+) days/s"), _MANY_DAYS),
    Row(8, "planted protocol bugs missed", "bugs",
        Target("=", 0), _PLANTED, lines_with("NOT CAUGHT", r"planted bugs caught")),
    Row(8, "planted protocol bugs caught", "bugs",
        Target(">=", 10), _PLANTED, pattern(r"^(\d+) of \d+ planted")),
    Row(11, "everything at city hall over a link with silences, of the link's own least", "x",
        Target("<=", 1.15), _LINK, _of_ideal, _LONG_LINK),
    Row(12, "bytes sent again, of the sealed bytes, over cuts of the link", "%",
        Target("<=", 5), _CUTS, at("resent_percent"), _LONG_CUTS),
    Row(13, "first filing at city hall after the link is there", "s",
        Target("<=", 5), _LINK, at("peers", "madobus", "first_record_s"), _LONG_LINK),
    Row(13, "bytes go up again after the link returns", "s",
        Target("<=", 5), _LINK, at("resume_s"), _LONG_LINK),
)  # fmt: skip

"""Read what `scanimage --all-options` prints: which names this backend gives to source, mode and size."""

import re
from dataclasses import dataclass

_CHOICE = re.compile(r"^\s+--(?P<name>[a-z-]+) (?P<values>.+?)(?: \(in steps of [^)]*\))? \[")
_WINDOW = re.compile(r"^\s+-(?P<axis>[xy]) [0-9.]+\.\.(?P<most>[0-9]+(?:\.[0-9]+)?)mm")
_SENSOR = re.compile(
    r"^\s+--(?P<name>page-loaded|cover-open|double-feed|duplex)\[=\(yes\|no\)\] \[(?P<now>yes|no)\]"
)
_RANGE = re.compile(r"^(?P<least>[0-9]+(?:\.[0-9]+)?)\.\.(?P<most>[0-9]+(?:\.[0-9]+)?)$")


@dataclass(frozen=True, slots=True)
class SaneOptions:
    """A device's own words. `window_mm` is the largest scan area, None when it cannot be set.

    `both_sides` is how the feeder is told to scan both where that is no source of its own; empty where it is not.
    """

    sources: tuple[str, ...]
    modes: tuple[str, ...]
    resolutions: tuple[str, ...]
    window_mm: tuple[float, float] | None
    page_loaded: bool | None
    cover_open: bool | None
    double_fed: bool | None = None
    both_sides: tuple[str, ...] = ()

    def feeder(self, wanted: str, *, duplex: bool = False) -> str | None:
        """Pick the source that is the feeder: the wanted name, else the first that sounds like one.

        With `duplex` it is one that scans both sides, or any feeder where a switch of its own does that.
        """
        feeders = [s for s in self.sources if "adf" in s.lower() or "feeder" in s.lower()]
        if duplex and (double := [s for s in feeders if is_duplex(s)]):
            return wanted if wanted in double else double[0]
        if duplex and not self.both_sides:
            return None
        if wanted in self.sources:
            return wanted
        feeders.sort(key=is_duplex)
        return feeders[0] if feeders else None

    def colour(self) -> str | None:
        """Pick the colour mode: "Color" in most backends, "24bit Color" and the like in others."""
        return next((m for m in self.modes if "color" in m.lower()), None)

    def resolution(self, wanted: int) -> int:
        """Pick the resolution nearest to the wanted one, so that what a sheet says of itself is true."""
        if len(self.resolutions) == 1 and (span := _RANGE.match(self.resolutions[0])):
            return round(min(max(wanted, float(span["least"])), float(span["most"])))
        known = [int(r) for r in self.resolutions if r.isdecimal()]
        return min(known, key=lambda r: (abs(r - wanted), -r), default=wanted)


def is_duplex(source: str) -> bool:
    """Tell by its name whether a source gives both sides of a sheet."""
    return "duplex" in source.lower()


def read_options(text: str) -> SaneOptions:
    """Read the option list; what is not there becomes empty or None."""
    choices: dict[str, tuple[str, ...]] = {}
    most: dict[str, float] = {}
    sensors: dict[str, bool] = {}
    for line in text.splitlines():
        if found := _SENSOR.match(line):
            sensors[found["name"]] = found["now"] == "yes"
        elif found := _WINDOW.match(line):
            most[found["axis"]] = float(found["most"])
        elif found := _CHOICE.match(line):
            choices[found["name"]] = tuple(found["values"].removesuffix("dpi").split("|"))
    return SaneOptions(
        sources=choices.get("source", ()),
        modes=choices.get("mode", ()),
        resolutions=choices.get("resolution", ()),
        window_mm=(most["x"], most["y"]) if len(most) == len("xy") else None,
        page_loaded=sensors.get("page-loaded"),
        cover_open=sensors.get("cover-open"),
        double_fed=sensors.get("double-feed"),
        both_sides=_both_sides(choices, sensors),
    )


def _both_sides(choices: dict[str, tuple[str, ...]], sensors: dict[str, bool]) -> tuple[str, ...]:
    """Find the switch of backends that have one: a mode of the feeder, or a plain yes or no."""
    for word in choices.get("adf-mode", ()):
        if is_duplex(word):
            return ("--adf-mode", word)
    return ("--duplex=yes",) if "duplex" in sensors else ()

"""Read what `scanimage --all-options` prints: which names this backend gives to source, mode and size."""

import re
from dataclasses import dataclass

_CHOICE = re.compile(r"^\s+--(?P<name>[a-z-]+) (?P<values>.+?)(?: \(in steps of [^)]*\))? \[")
_WINDOW = re.compile(r"^\s+-(?P<axis>[xy]) [0-9.]+\.\.(?P<most>[0-9]+(?:\.[0-9]+)?)mm")
_SENSOR = re.compile(r"^\s+--(?P<name>page-loaded|cover-open)\[=\(yes\|no\)\] \[(?P<now>yes|no)\]")
_RANGE = re.compile(r"^(?P<least>[0-9]+(?:\.[0-9]+)?)\.\.(?P<most>[0-9]+(?:\.[0-9]+)?)$")


@dataclass(frozen=True, slots=True)
class SaneOptions:
    """A device's own words. `window_mm` is the largest scan area, None when it cannot be set."""

    sources: tuple[str, ...]
    modes: tuple[str, ...]
    resolutions: tuple[str, ...]
    window_mm: tuple[float, float] | None
    page_loaded: bool | None
    cover_open: bool | None

    def feeder(self, wanted: str) -> str | None:
        """Pick the source that is the feeder: the wanted name, else the first that sounds like one."""
        if wanted in self.sources:
            return wanted
        feeders = [s for s in self.sources if "adf" in s.lower() or "feeder" in s.lower()]
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
    )

"""Which drivers there are. A driver's module is imported when it is opened, not before."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from hardware.protocols import Scanner

SCANNERS = {
    "sane": "hardware.scanner.sane:SaneScanner",
    "simulated": "hardware.scanner.simulated:SimulatedScanner",
}


def open_scanner(driver: str, **options: Any) -> Scanner:
    """Build a scanner driver; the options are its constructor's. Raises ValueError for an unknown name."""
    scanner: Scanner = _driver("scanner", SCANNERS, driver)(**options)
    return scanner


def _driver(capability: str, drivers: dict[str, str], name: str) -> Callable[..., Any]:
    if name not in drivers:
        raise ValueError(f"{capability}: no driver called {name!r}; use one of {sorted(drivers)}")
    module, _, noun = drivers[name].partition(":")
    found: Callable[..., Any] = getattr(import_module(module), noun)
    return found

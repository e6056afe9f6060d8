"""Is this box fit to go out: scanner, camera, printer, room, clock, keys, form, visit packs, the chip under them."""

import asyncio
from dataclasses import dataclass

from appliance.desk.letters import VISIT_PACK
from appliance.desk.partners import Partners
from appliance.desk.printqueue import glance
from hardware.errors import DeviceError
from hardware.protocols import FeederState, PrinterState
from sync.bundle import Standing
from sync.clock import ClockQuality

ROOM_ENOUGH = 30
BUNDLE_DAYS_ENOUGH = 7
SCANNER_DEADLINE_S = 2.0
STOPPED = (FeederState.JAMMED, FeederState.DOUBLE_FED, FeederState.COVER_OPEN)


@dataclass(frozen=True, slots=True)
class Point:
    """One line of the list. `kind`: ok | warn | stop; `key` names its sentence, filled with `values`."""

    name: str
    kind: str
    key: str
    values: tuple[tuple[str, object], ...] = ()


async def readiness(partners: Partners) -> list[Point]:
    """Look at each point once; nothing here changes anything."""
    letters = await asyncio.to_thread(partners.mail.letters, VISIT_PACK)
    packs = len(letters)
    scanner, camera, printer = await asyncio.gather(
        _scanner(partners), _camera(partners), printer_point(partners)
    )
    return [
        scanner,
        *camera,
        *printer,
        await _room(partners),
        _clock(partners),
        _bundle(partners),
        _form(partners),
        _policy(partners),
        Point("packs", "ok" if packs else "warn", "ready.packs", (("count", packs),)),
        await _chip(partners),
        *_card(partners),
    ]


async def _scanner(partners: Partners) -> Point:
    try:
        state = await asyncio.wait_for(partners.scanner.state(), SCANNER_DEADLINE_S)
    except (DeviceError, TimeoutError):
        state = FeederState.ABSENT
    kinds = {FeederState.ABSENT: "stop"} | dict.fromkeys(STOPPED, "warn")
    return Point("scanner", kinds.get(state, "ok"), f"ready.scanner_{state.value}")


async def _camera(partners: Partners) -> list[Point]:
    """Say whether the document camera gives a picture; a box that has none needs no line."""
    camera = partners.camera
    if camera is None:
        return []
    state = await camera.glance()
    if state is None or state is FeederState.ABSENT:
        word = "asked" if state is None else "absent"
        return [Point("camera", "warn", f"ready.camera_{word}")]
    return [Point("camera", "ok", f"ready.camera_{'simulated' if camera.simulated else 'real'}")]


async def printer_point(partners: Partners) -> list[Point]:
    """Say what the printer says; never a reason to stay at home: receipts stand on the screen, too."""
    printer = partners.printer
    if printer is None:
        return []
    state = await glance(printer.state)
    well = state in (PrinterState.READY, PrinterState.PRINTING)
    word = "simulated" if well and printer.simulated else state.value
    return [Point("printer", "ok" if well else "warn", f"ready.printer_{word}")]


async def _room(partners: Partners) -> Point:
    room = await asyncio.to_thread(partners.mail.room_left)
    kind = "ok" if room >= ROOM_ENOUGH else "warn" if room else "stop"
    return Point("room", kind, "ready.room", (("count", room),))


def _clock(partners: Partners) -> Point:
    now = partners.clock.now()
    kind = {ClockQuality.SYNCED: "ok", ClockQuality.HOLDOVER: "warn", ClockQuality.UNSYNCED: "stop"}
    values = (("seconds", now.uncertainty_s),)
    return Point("clock", kind[now.quality], f"ready.clock_{now.quality.value}", values)


def _bundle(partners: Partners) -> Point:
    now = partners.clock.now().wall
    days = partners.bundles.days_left(now)
    standing = partners.bundles.division(now).standing
    if standing is not Standing.FRESH:
        kind = "warn" if standing is Standing.GRACE else "stop"
        return Point("bundle", kind, f"ready.bundle_{standing.value}", (("days", -days),))
    if days < BUNDLE_DAYS_ENOUGH or partners.bundles.confirmed(now):
        kind = "ok" if days >= BUNDLE_DAYS_ENOUGH else "warn"
        return Point("bundle", kind, "ready.bundle", (("days", days),))
    return Point("bundle", "warn", "ready.bundle_unconfirmed", (("days", days),))


def _form(partners: Partners) -> Point:
    values: tuple[tuple[str, object], ...] = (("version", partners.procedure.version),)
    refused = partners.forms.refused
    if refused is None:
        return Point("form", "ok", "ready.form", values)
    return Point("form", "warn", "ready.form_refused", (*values, ("code", refused.code)))


def _policy(partners: Partners) -> Point:
    """Name the city's decisions in force; a box that keeps longer than they or a form allow does not go out unsaid."""
    forms = [form.retention.edge_grace_h for form in partners.forms.offered]
    hours, most = partners.keep_hours, min(partners.policy.box_hours, *forms)
    if hours > most:
        values = (("hours", hours), ("most", most))
        return Point("policy", "stop", "ready.policy_hours", values)
    return Point("policy", "ok", "ready.policy", (("version", partners.policy.version),))


async def _chip(partners: Partners) -> Point:
    """Say under what the keys lie; without a chip the PIN alone guards them, which everybody shall know."""
    tpm = partners.tpm
    if tpm is None:
        return Point("chip", "warn", "ready.chip_none")
    if not await asyncio.to_thread(tpm.present):
        return Point("chip", "stop", "ready.chip_absent")
    return Point("chip", "ok", "ready.chip_simulated" if tpm.simulated else "ready.chip_real")


def _card(partners: Partners) -> list[Point]:
    """Say that the card is an older copy of this box's; the usual case needs no line."""
    return [Point("card", "stop", "ready.card_old")] if partners.old_card else []

"""The city's decisions on the first page: named before anybody goes out, each with its words."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import appliance.desk
from appliance.desk.counter import Counter
from appliance.desk.decisions import decisions
from appliance.desk.partners import Partners
from appliance.desk.readiness import Point, readiness
from appliance.desk.recording import filing_policy
from procedures.deadlines import CLOSED_DAY_RULES
from procedures.definition import FILING_POLICIES, IDENTITY_MODES, NUMBER_POLICIES
from procedures.policy import CARDS, OFFICERS, PROFILES, ROUTES, load_policy
from screens.language import read_texts
from tests.support.counterworld import STAFF

WORDS = Path(appliance.desk.__file__).parent / "words"


async def line(partners: Partners) -> Point:
    """Return the line about the city's decisions."""
    return next(each for each in await readiness(partners) if each.name == "policy")


async def test_the_decisions_in_force_are_named(counter: Counter) -> None:
    """Their version stands on the list."""
    point = await line(counter.partners)
    assert (point.kind, dict(point.values)) == ("ok", {"version": "2026-04-01"})


async def test_a_box_that_keeps_too_long_is_told(counter: Counter) -> None:
    """What the technician set may be less than the city decided, never more."""
    short = replace(counter.partners.policy, box_hours=24)
    assert (await line(replace(counter.partners, policy=short, keep_hours=24))).kind == "ok"
    point = await line(replace(counter.partners, policy=short, keep_hours=25))
    assert (point.kind, dict(point.values)) == ("stop", {"hours": 25, "most": 24})


async def test_without_an_officer_the_city_says_who_signs(counter: Counter) -> None:
    """By default nobody: the arrival fixes the date; a city may let who opened the visit sign."""
    visit, usual = counter.opened(), counter.partners.policy
    assert visit.pack is not None
    visit.pack = replace(visit.pack, officer_id="")
    at = counter.partners.clock.now()
    nobody = counter.stop_here()
    assert (nobody.officer_id, filing_policy(nobody, at.quality, 1)) == ("", "city_arrival")
    counter.partners = replace(counter.partners, policy=replace(usual, officer_absent="staff"))
    staff = counter.stop_here()
    assert (staff.officer_id, filing_policy(staff, at.quality, 1)) == (STAFF, "bus_receipt")


async def test_a_city_may_leave_every_date_to_the_arrival(counter: Counter) -> None:
    """Then no hand-in on the bus fixes one, and the record says by which version."""
    late = replace(counter.partners.policy, filing_date="city_arrival", version="2026-10-01")
    counter.partners = replace(counter.partners, policy=late)
    stop = counter.stop_here()
    assert (stop.fixes_date, stop.policy_version) == (False, "2026-10-01")


def test_every_decision_has_its_words() -> None:
    """Whatever a city may answer can be said in both languages."""
    words = read_texts(*sorted(WORDS.glob("*.toml"))).entries
    possible: dict[str, tuple[str, ...]] = {
        "filing_date": FILING_POLICIES,
        "officer_absent": OFFICERS,
        "closed_day_rule": ("", *CLOSED_DAY_RULES),
        "individual_no": ("", *NUMBER_POLICIES),
        "proxy_identity_mode": ("", *IDENTITY_MODES),
        "card_original": CARDS,
        "inbound_route": ROUTES,
        "export_profile": PROFILES,
    }
    for key, answers in possible.items():
        for answer in answers:
            changes: dict[str, Any] = {key: answer}
            for each in decisions(replace(load_policy(), **changes)):
                assert {each.question, each.answer} <= set(words)

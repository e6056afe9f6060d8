"""The city's decisions as the desk's first page says them: each question with its answer in words."""

from dataclasses import dataclass

from procedures.policy import LEFT_TO_THE_FORM, CityPolicy

ASKED = (
    "filing_date",
    "officer_absent",
    "closed_day_rule",
    "individual_no",
    "proxy_identity_mode",
    "card_original",
    "interim_certificate",
    "inbound_route",
    "export_profile",
    "recording",
)


@dataclass(frozen=True, slots=True)
class Decision:
    """One question of the law's and the city's answer, as keys of the room's words."""

    question: str
    answer: str
    values: tuple[tuple[str, object], ...] = ()


def decisions(policy: CityPolicy) -> list[Decision]:
    """Return every question in the order of docs/procedures.md."""
    found = [Decision(f"city.q_{key}", _answer(key, getattr(policy, key))) for key in ASKED]
    hours = (("hours", policy.box_hours),)
    return [*found, Decision("city.q_box_hours", "city.a_box_hours", hours)]


def _answer(key: str, word: str) -> str:
    return "city.a_form" if word == LEFT_TO_THE_FORM else f"city.a_{key}_{word}"

"""The city's decisions: read from one table, each mistake named, and what they do to a form."""

from datetime import date
from pathlib import Path

import pytest

from procedures.check import main
from procedures.checks import Facts, examine
from procedures.definition import load, names
from procedures.errors import ProcedureError
from procedures.policy import SHIPPED, CityPolicy, load_policy, read_policy
from tests.support.forms import CARD, CLEAN, PAPERS

TEXT = SHIPPED.read_text(encoding="utf-8")


def policy(*changes: tuple[str, str]) -> CityPolicy:
    """Return the shipped policy with some lines replaced."""
    text = TEXT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_policy(text, "policy.toml")


def checks(
    chosen: CityPolicy,
    changes: dict[str, str] | None = None,
    *,
    filed: date = date(2026, 8, 25),
    pages: frozenset[str] = PAPERS,
) -> list[str]:
    """Name what a renewal's checks say under a policy."""
    answers = CLEAN | {"application_date": filed.isoformat()} | (changes or {})
    facts = Facts(answers, filed, "032011", card=CARD, page_kinds=pages)
    return [found.check for found in examine(chosen.applied(load("care-renewal")), facts)]


def test_the_shipped_policy_is_the_usual_one() -> None:
    """What a city gets that has decided nothing yet."""
    found = load_policy()
    assert (found.filing_date, found.officer_absent) == ("bus_receipt", "city_arrival")
    assert (found.closed_day_rule, found.individual_no) == ("none", "off")
    assert (found.proxy_identity_mode, found.card_original) == ("messenger", "bus")
    assert (found.box_hours, found.recording, found.interim_certificate) == (72, "no", "no")


def test_the_policy_is_no_form() -> None:
    """The folder of forms holds forms only."""
    assert "policy" not in names()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"bus_receipt"', '"bus"', "policy.toml.filing_date: must be one of bus_receipt"),
        ('officer_absent = "city_arrival"', 'officer_absent = "nobody"', "policy.toml.officer"),
        ('rule = "none"', 'rule = "next_open"', "did you mean 'next_open_day'"),
        ('"2026-01-12"', '"12 January"', r"policy.toml.closed_days\[1\]: must be a day"),
        ('individual_no = "off"', "individual_no = false", "must be a text"),
        ("box_hours = 72", "box_hours = 73", "whole number from 0 to 72"),
        ('recording = "no"', 'recording = "yes"', "the box cannot do it"),
        ('interim_certificate = "no"', 'interim_certificate = "yes"', "the box cannot do it"),
        ('recording = "no"', "", "policy.toml.recording: this key is required"),
        ('recording = "no"', 'recoding = "no"', "policy.toml.recording"),
        ('recording = "no"', 'recording = "no"\nmore = 1', "'more' is not known"),
        ('version = "2026-04-01"', 'version = "April"', "the day from which it counts"),
        ("title = {", "titel = {", "policy.toml.title: this table is required"),
        ('ja = "架空市の取扱い", ', "", "policy.toml.title.ja"),
    ],
)
def test_fail__policy(old: str, new: str, message: str) -> None:
    """A mistake is named with place, rule, fact and remedy."""
    with pytest.raises(ProcedureError, match=message) as caught:
        policy((old, new))
    error = caught.value
    assert all((error.place, error.rule, error.fact, error.remedy))


def test_fail__too_many_closed_days() -> None:
    """The list has a limit."""
    many = ", ".join(['"2026-01-12"'] * 201)
    with pytest.raises(ProcedureError, match="at most 200 days"):
        policy(('closed_days = [\n  "2026-01-12",', f"closed_days = [\n {many},"))


def test_fail__not_utf8(tmp_path: Path) -> None:
    """A file in another encoding is named, not guessed."""
    wrong = tmp_path / "policy.toml"
    wrong.write_bytes(TEXT.encode("cp932"))
    with pytest.raises(ProcedureError, match="save the file as UTF-8"):
        load_policy(wrong)


def test_what_is_left_out_is_left_to_the_form() -> None:
    """A form's own decision stands where the city made none."""
    chosen = policy(
        ('individual_no = "off"\n', ""),
        ('proxy_identity_mode = "messenger"\n', ""),
        ('closed_day_rule = "none"\n', ""),
    )
    for name in names():
        form = load(name)
        assert chosen.applied(form).identity == form.identity


def test_the_date_is_fixed_where_city_and_form_say_so() -> None:
    """Either may leave the date to the arrival."""
    assert load_policy().fixes_date(load("care-renewal"))
    assert not load_policy().fixes_date(load("nursery"))
    later = policy(('filing_date = "bus_receipt"', 'filing_date = "city_arrival"'))
    assert not later.fixes_date(load("care-renewal"))


def test_a_closed_last_day() -> None:
    """31 October 2026 is a Saturday: on Monday it is too late without a rule, and with one it is not."""
    ends = {"prev_valid_to": "2026-10-31", "prev_valid_from": "2024-11-01"}
    monday, wednesday = date(2026, 11, 2), date(2026, 11, 4)
    moving = policy(('rule = "none"', 'rule = "next_open_day"'))
    assert checks(load_policy(), ends, filed=monday) == ["after_expiry", "closed_day"]
    assert checks(moving, ends, filed=monday) == ["moved_end", "last_day"]
    assert checks(moving, ends, filed=wednesday) == ["after_expiry"]


@pytest.mark.parametrize(
    ("number", "mode", "written", "found"),
    [
        ("off", "messenger", "123456789018", ["number_unwanted"]),
        ("off", "agent", "", []),
        ("optional", "messenger", "", []),
        ("optional", "messenger", "123456789018", ["number_shown"]),
        ("optional", "agent", "123456789018", []),
        ("required", "agent", "", ["number_required"]),
        ("required", "messenger", "123456789018", ["number_shown"]),
    ],
)
def test_individual_numbers(number: str, mode: str, written: str, found: list[str]) -> None:
    """Collected or not, and by whom, is the city's word."""
    chosen = policy(
        ('individual_no = "off"', f'individual_no = "{number}"'),
        ('mode = "messenger"', f'mode = "{mode}"'),
    )
    assert checks(chosen, {"individual_no": written}) == found


def test_the_card_by_post() -> None:
    """Where originals are sent by post, a missing certificate is only information."""
    without = PAPERS - {"insurance_card"}
    by_post = policy(('card_original = "bus"', 'card_original = "post"'))
    form = by_post.applied(load("care-renewal"))
    facts = Facts(CLEAN, date(2026, 8, 25), "032011", card=CARD, page_kinds=without)
    found = {one.field: one for one in examine(form, facts)}["insurance_card"]
    assert found.severity == "info"
    assert "郵送" in found.remedy_ja
    assert checks(load_policy(), pages=without) == ["document_missing"]


def test_the_command_checks_a_policy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A city sees what is wrong before a box does."""
    wrong = tmp_path / "policy.toml"
    wrong.write_text(TEXT.replace("box_hours = 72", "box_hours = 100"), encoding="utf-8")
    assert main(["--policy", str(SHIPPED)]) == 0
    assert main(["--policy", str(wrong)]) == 1
    told = capsys.readouterr().out.splitlines()
    assert told[0].startswith("good   policy 2026-04-01")
    assert told[1].startswith("wrong  policy.toml.box_hours")

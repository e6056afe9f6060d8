"""A newer form comes by mail: in force from the next visit on, and nothing unsigned or older ever is."""

import re
from datetime import date
from importlib.resources import files
from pathlib import Path

import pytest

from appliance.desk.clock import japan_day
from appliance.desk.counter import Counter
from appliance.desk.readiness import Point, readiness
from appliance.mail.store import MailStore
from sync.keys import Signer
from sync.signedform import SignedForm, encode_form
from tests.support.counterworld import NOON, PIN, STAFF, CounterWorld, seed

SHIPPED = "2026-04-01"
NEWER = "2026-10-01"
TODAY = japan_day(NOON)
LATER = date(2099, 1, 1)
TEXT = (files("procedures") / "care-renewal.toml").read_text(encoding="utf-8")


def written(version: str) -> str:
    """Return the shipped form's text as another version."""
    return TEXT.replace(f'version = "{SHIPPED}"', f'version = "{version}"')


def send(
    world: CounterWorld,
    mail: MailStore,
    version: str,
    *,
    text: str | None = None,
    signer: Signer | None = None,
    valid_from: date = TODAY,
    procedure: str = "care-renewal",
) -> None:
    """Put a signed form into the inbox."""
    form = SignedForm(procedure, version, valid_from, text or written(version))
    body = encode_form(form, signer or world.office)
    mail.put_letter(seed(f"{version} {procedure}")[:16], "procedure", body, world.clock.now())


def looked(counter: Counter) -> str:
    """Return the version in force after a visit begins."""
    counter.partners.forms.refresh(TODAY)
    return counter.partners.procedure.version


async def point(counter: Counter) -> Point:
    """Return the form's line of the list before departure."""
    return next(each for each in await readiness(counter.partners) if each.name == "form")


def test_a_newer_form_is_in_force_from_the_next_visit_on(
    world: CounterWorld, mail: MailStore
) -> None:
    """Not before; and after a restart it still is, without the letter."""
    counter = world.counter(mail)
    send(world, mail, NEWER)
    assert counter.partners.procedure.version == SHIPPED
    assert looked(counter) == NEWER
    assert mail.letters("procedure", unread_only=True) == []
    assert world.counter(mail).partners.procedure.version == NEWER


async def test_a_visit_that_stands_keeps_its_form(
    world: CounterWorld, mail: MailStore, counter: Counter
) -> None:
    """Locked and opened again with the PIN, it goes on with what it began with."""
    send(world, mail, NEWER)
    await counter.lock()
    await counter.sign_in(STAFF, PIN)
    assert counter.partners.procedure.version == SHIPPED


def test_a_form_of_a_later_day_waits(world: CounterWorld, mail: MailStore) -> None:
    """It is taken on its day."""
    send(world, mail, NEWER, valid_from=LATER)
    counter = world.counter(mail)
    assert looked(counter) == SHIPPED
    counter.partners.forms.refresh(LATER)
    assert counter.partners.procedure.version == NEWER


@pytest.mark.parametrize(
    ("version", "text", "procedure", "code"),
    [
        ("2026-03-01", None, "care-renewal", 302),
        (SHIPPED, None, "care-renewal", 302),
        (NEWER, written(SHIPPED), "care-renewal", 300),
        (NEWER, "no form", "care-renewal", 300),
        (NEWER, written(NEWER).replace("care-renewal", "nursery"), "nursery", 300),
    ],
    ids=["older", "the same", "another version inside", "no form", "another counter's"],
)
async def test_fail__a_form_that_is_not_taken(  # noqa: PLR0917 - one line of a table
    world: CounterWorld, mail: MailStore, version: str, text: str, procedure: str, code: int
) -> None:
    """The old one stays, and the list before departure names the number."""
    counter = world.counter(mail)
    assert await point(counter) == Point("form", "ok", "ready.form", (("version", SHIPPED),))
    send(world, mail, version, text=text, procedure=procedure)
    assert looked(counter) == SHIPPED
    found = await point(counter)
    assert (found.kind, dict(found.values)["code"]) == ("warn", code)
    assert mail.letters("procedure", unread_only=True) == []


async def test_fail__a_form_nobody_of_the_office_signed(
    world: CounterWorld, mail: MailStore
) -> None:
    """It stays unread: a newer key bundle may know the key. The next good one is taken all the same."""
    counter = world.counter(mail)
    send(world, mail, "2026-09-01", signer=Signer.from_seed(seed("stranger")))
    assert looked(counter) == SHIPPED
    assert dict((await point(counter)).values)["code"] == 301
    send(world, mail, NEWER)
    assert looked(counter) == NEWER


def test_a_box_that_brings_a_newer_form_uses_it(world: CounterWorld, mail: MailStore) -> None:
    """A form in force is left behind by an update of the product."""
    send(world, mail, "2026-03-01")
    counter = world.counter(mail)
    assert looked(counter) == SHIPPED
    letter = mail.letters("procedure")[0]
    (world.desk / "form-in-force").write_bytes(letter.body)
    assert world.counter(mail).partners.procedure.version == SHIPPED


async def test_a_ninth_procedure_is_one_signed_file(world: CounterWorld, mail: MailStore) -> None:
    """A counter that takes forms one by one offers what the office signs, from the next visit and after a restart."""
    world.others = []
    page = (Path(__file__).parents[3] / "docs" / "procedures.md").read_text(encoding="utf-8")
    dog = re.findall(r"```toml good\n(.*?)```", page, re.DOTALL)[0]
    send(world, mail, SHIPPED, text=dog, procedure="dog")
    counter = world.counter(mail)
    counter.partners.forms.refresh(TODAY)
    again = world.counter(mail)
    for each in (counter, again):
        assert [form.id for form in each.partners.forms.offered] == ["care-renewal", "dog"]
    opened = await world.opened(mail)
    await opened.on_forms().start("dog")
    await opened.on_forms().answer({"name": "髙橋 花", "cat": "no"})
    batch, form = opened.on_forms().here()
    assert (form.title.ja, batch.applications[0].value("name")) == ("犬の登録", "髙橋　花")
    await opened.stop()

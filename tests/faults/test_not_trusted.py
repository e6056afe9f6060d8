"""A bus and a city hall that do not know each other: the health page says so in words, nothing is lost."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from appliance.mail.store import MailStore
from provisioning.certificates import make_authority, make_box
from provisioning.demo.samples.stack import Stack
from provisioning.demo.screens import State, until
from provisioning.demo.world import DEVICE
from tests.support.one_stop import ARRIVE_S, OneStop, one_stop, sheets_of

pytestmark = [pytest.mark.journey, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def waiting(
    tmp_path_factory: pytest.TempPathFactory, papers: Stack
) -> AsyncIterator[OneStop]:
    """Give a stop with one application handed in while the link is gone."""
    async with one_stop(tmp_path_factory.mktemp("world"), papers) as stop:
        await stop.begin(1, sheets_of(papers, 0)[0])
        await stop.all_read()
        stop.world.switch_link("gone")
        stop.world.link.cut()
        stop.known = await stop.hand_in()
        yield stop


def tls(stop: OneStop) -> Path:
    """Return the folder of the box's certificate and of the authority it believes."""
    return stop.world.bus_folder / "uplink"


def another_city(stop: OneStop) -> None:
    """Let the box believe another city's authority."""
    other = make_authority("別の市", datetime.now(UTC))
    (tls(stop) / "authority.pem").write_bytes(other.certificate)


def expired(stop: OneStop) -> None:
    """Let the box's certificate have ended yesterday."""
    give_box(stop, DEVICE, datetime.now(UTC) - timedelta(days=2), days=1)


def unknown(stop: OneStop) -> None:
    """Give the box a certificate of our city for a device the key bundle does not name."""
    give_box(stop, "bus-99", datetime.now(UTC), days=30)


def give_box(stop: OneStop, device: str, now: datetime, days: int) -> None:
    """Write another certificate of our own authority."""
    made = make_box(stop.city.authority(), device, now, days)
    (tls(stop) / "tls.pem").write_bytes(made.certificate)
    (tls(stop) / "tls.key").write_bytes(made.key)


@pytest.mark.parametrize(
    ("spoil", "kinds", "words"),
    [
        (another_city, {"hall_not_trusted"}, "市役所と確かめられません"),
        (expired, {"not_admitted"}, "再登録が必要です"),
        (unknown, {"refused", "not_admitted"}, "この車"),
    ],
)
async def test_the_health_page_says_why(
    waiting: OneStop, spoil: Callable[[OneStop], None], kinds: set[str], words: str
) -> None:
    """The cause in a whole sentence on the health page and beside the link; the application waits."""
    right = {path: path.read_bytes() for path in tls(waiting).iterdir() if path.is_file()}
    spoil(waiting)
    await waiting.killed("uplink")
    waiting.world.switch_link("good")
    told: State = {}

    async def said() -> bool:
        nonlocal told
        told = await waiting.health()
        return told["cause"] is not None and told["cause"]["kind"] in kinds

    try:
        await until(f"the health page names one of {kinds}", said, ARRIVE_S)
        assert told["state"] == "gone"
        assert words in told["cause"]["ja"]
        assert words in (await waiting.desk.state())["link"]["cause"]
        assert states(waiting) in (["kept"], ["sending"])
    finally:
        waiting.world.switch_link("gone")
        waiting.world.link.cut()
        for path, data in right.items():
            path.write_bytes(data)


async def test_with_the_right_certificate_everything_arrives(waiting: OneStop) -> None:
    """The application that waited through all of it reaches the office once and whole."""
    waiting.world.switch_link("good")
    await waiting.killed("uplink")
    await waiting.sign_in()
    await waiting.all_at_office(waiting.known)
    assert await waiting.times_at_office() == {waiting.known[0]["id"]: 1}


def states(stop: OneStop) -> list[str]:
    """Return the state of each application on the shelf."""
    mail = MailStore(stop.bus.mail)
    found = [row.state for row in mail.outbox()]
    mail.close()
    return found

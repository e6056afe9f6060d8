from datetime import timedelta
from pathlib import Path

from cityhall.office.accounts import Person
from cityhall.office.roles import Role
from cityhall.office.sessions import LONGEST_SESSION, SESSIONS_PER_PERSON
from tests.support.office_world import OfficeWorld

IDLE = timedelta(minutes=10)


def start(world: OfficeWorld) -> str:
    """Start a session and return its cookie."""
    if not world.accounts.names():
        world.account("sato")
    return world.sessions.start(Person("sato", Role.CASEWORKER))


def test_a_session_knows_its_person(world: OfficeWorld) -> None:
    """The cookie leads to name and role."""
    found = world.sessions.find(start(world))
    assert found is not None
    assert (found.person.name, found.person.role) == ("sato", Role.CASEWORKER)


def test_each_session_has_its_own_form_token(world: OfficeWorld) -> None:
    """A token of one browser does not fit another."""
    one, two = world.sessions.find(start(world)), world.sessions.find(start(world))
    assert one is not None
    assert two is not None
    assert one.csrf != two.csrf


def test_an_unknown_cookie_is_nobody(world: OfficeWorld) -> None:
    """A guessed cookie opens nothing."""
    assert world.sessions.find("00" * 32) is None


def test_an_idle_session_ends(world: OfficeWorld) -> None:
    """After the idle time sign-in is asked again."""
    token = start(world)
    world.clock.move(IDLE + timedelta(seconds=1))
    assert world.sessions.find(token) is None


def test_a_touch_keeps_it_awake(world: OfficeWorld) -> None:
    """Working people are not thrown out."""
    token = start(world)
    for _ in range(3):
        world.clock.move(IDLE - timedelta(seconds=1))
        assert world.sessions.find(token) is not None


def test_what_a_screen_asks_by_itself_is_no_touch(world: OfficeWorld) -> None:
    """A forgotten inbox locks although it refreshes itself."""
    token = start(world)
    for _ in range(2):
        world.clock.move(IDLE - timedelta(minutes=4))
        seen = world.sessions.find(token, touch=False)
    assert seen is None


def test_no_session_outlives_a_working_day(world: OfficeWorld) -> None:
    """The absolute limit holds however often it was touched."""
    token = start(world)
    for _ in range(LONGEST_SESSION // timedelta(minutes=8)):
        world.clock.move(timedelta(minutes=8))
        world.sessions.find(token)
    world.clock.move(timedelta(minutes=8))
    assert world.sessions.find(token) is None


def test_signing_out_ends_it_on_the_server(world: OfficeWorld) -> None:
    """A copied cookie is worthless after sign-out."""
    token = start(world)
    world.sessions.end(token)
    assert world.sessions.find(token) is None


def test_a_persons_oldest_session_ends_beyond_the_limit(world: OfficeWorld) -> None:
    """Five browsers, not more."""
    tokens = []
    for _ in range(SESSIONS_PER_PERSON + 1):
        tokens.append(start(world))
        world.clock.move(timedelta(seconds=1))
    assert [world.sessions.find(token) is not None for token in tokens] == [False] + [True] * 5


def test_removing_the_account_ends_its_sessions(world: OfficeWorld) -> None:
    """Who left the division is out at once."""
    token = start(world)
    world.accounts.remove("sato")
    assert world.sessions.find(token) is None


def test_the_cookie_itself_is_not_kept(world: OfficeWorld, tmp_path: Path) -> None:
    """A stolen file holds hashes, no cookies."""
    token = start(world)
    files = b"".join(one.read_bytes() for one in (tmp_path / "office").iterdir())
    assert token.encode() not in files

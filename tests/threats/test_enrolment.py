"""T18: a code is overheard, or a false depot answers: no certificate, and both screens say so."""

import json
import logging
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.boxkeys import Bus, box_signer, make_wish
from provisioning.certificates import make_request
from provisioning.city import City, found_city
from provisioning.joining.answer import encode_reveal, read_reveal
from provisioning.joining.code import read_code
from provisioning.joining.errors import EnrolRefused, FalseDepotError, LineLostError, RefusedError
from provisioning.joining.hello import NONCE_BYTES, commit
from provisioning.joining.offer import OFFER_S, TRIES, Standing
from provisioning.joining.wish_line import encode_wish
from tests.support.depot_world import (
    DEADLINE_S,
    NOW,
    Absent,
    Comparing,
    Denying,
    Open,
    Screen,
    Steady,
    call,
    depot_of,
)
from tests.support.enrol_relay import relay_to

BOX = "bus-41"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found a city once."""
    return found_city(tmp_path_factory.mktemp("city"), "盛岡市", NOW, ("127.0.0.1",)).folder


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> City:
    """Found a whole city that is not the true one."""
    return found_city(tmp_path_factory.mktemp("other"), "偽盛岡市", NOW, ("127.0.0.1",))


@pytest.fixture
def city(founded: Path, tmp_path: Path) -> City:
    """A city of its own for each test, in which nobody was admitted."""
    return City(Path(shutil.copytree(founded, tmp_path / "city")))


def issued(city: City) -> bool:
    """Tell whether anybody was admitted: a certificate leaves a city only with a bundle that knows its box."""
    return bool(city.bundle().devices)


def refused(depot: Open, folder: Path) -> EnrolRefused:
    """Let a box with this offer's code ask; returns why it was not admitted."""
    with pytest.raises(RefusedError) as refusal:
        call(depot.code, folder, Screen())
    return EnrolRefused(refusal.value.code)


@contextmanager
def thief(depot: Open, folder: Path, screen: Screen) -> Iterator[list[int]]:
    """Let somebody who overheard the code join in a thread; gives the number he is refused with."""
    told: list[int] = []

    def steal() -> None:
        try:
            call(depot.code, folder, screen)
        except RefusedError as refusal:
            told.append(refusal.code)

    thread = threading.Thread(target=steal)
    thread.start()
    try:
        yield told
    finally:
        thread.join(DEADLINE_S)


def test_a_relay_hears_nothing_from_the_box(city: City, tmp_path: Path) -> None:
    """It shows the true depot's words over its own connection: the box leaves without a byte, and says why."""
    with depot_of(city, BOX, Absent()) as depot:
        with (
            relay_to(depot.code.host_and_port()) as (address, heard),
            pytest.raises(FalseDepotError, match="stands between"),
        ):
            call(replace(depot.code, address=address), tmp_path / "box", Screen())
        assert (len(heard.from_depot), heard.from_box) == (1, [])
        assert depot.depot.offer.standing is Standing.OPEN
    assert not issued(city)
    assert not list(tmp_path.glob("box/**/*.key"))


@pytest.mark.parametrize("typed", [False, True])
def test_a_false_depot_that_knows_the_code_is_noticed(
    city: City, other: City, tmp_path: Path, *, typed: bool
) -> None:
    """It has the token and a whole city of its own; the code carries the hash of the true city's root."""
    with (
        depot_of(city, BOX, Absent(), typed=typed) as true,
        depot_of(other, BOX, Absent()) as false,
    ):
        stolen = read_code(true.code.spelled(), true.code.address)
        with pytest.raises(FalseDepotError, match="another city's root"):
            call(replace(stolen, address=false.code.address), tmp_path / "box", Screen())
        assert false.depot.offer.asked is None
    assert not issued(city)
    assert not issued(other)


def test_a_depot_cannot_choose_its_nonce_after_it_saw_the_boxs() -> None:
    """So nobody can try keys until the words of two connections agree."""
    first, second = secrets.token_bytes(NONCE_BYTES), secrets.token_bytes(NONCE_BYTES)
    assert read_reveal(encode_reveal(first), commit(first)) == first
    with pytest.raises(FalseDepotError, match="changed its word"):
        read_reveal(encode_reveal(second), commit(first))


def test_the_fifth_wrong_code_is_the_last(city: City, tmp_path: Path) -> None:
    """Then the right one counts no more, either."""
    with depot_of(city, BOX, Absent()) as depot:
        for left in reversed(range(TRIES)):
            wrong = replace(depot.code, token=secrets.token_hex(16).upper())
            with pytest.raises(RefusedError) as refusal:
                call(wrong, tmp_path / "guesser", Screen())
            assert depot.depot.offer.tries == left
        assert refusal.value.code == EnrolRefused.NO_TRIES_LEFT
        with pytest.raises((RefusedError, LineLostError)):
            call(depot.code, tmp_path / "box", Screen())
        assert depot.end() is Standing.CLOSED
    assert not issued(city)


def test_an_expired_code_admits_nobody(city: City, tmp_path: Path) -> None:
    """Fifteen minutes by a clock that nobody can set back."""
    steady = Steady()
    with depot_of(city, BOX, Absent(), steady=steady) as depot:
        steady.ahead = OFFER_S
        with pytest.raises((RefusedError, LineLostError)):
            call(depot.code, tmp_path / "box", Screen())
        assert depot.end() is Standing.CLOSED
        assert depot.depot.offer.cause is EnrolRefused.EXPIRED
    assert not issued(city)


def test_a_used_code_admits_nobody_else(city: City, tmp_path: Path) -> None:
    """The first box has it; the door is closed to every other."""
    screen = Screen()
    with depot_of(city, BOX, Comparing(screen)) as depot:
        call(depot.code, tmp_path / "box", screen)
        assert depot.end() is Standing.TAKEN
        with pytest.raises(LineLostError):
            call(depot.code, tmp_path / "thief", Screen())
    assert [one.name for one in city.bundle().devices] == [BOX]


def test_who_overheard_the_code_and_comes_first_shows_other_words(
    city: City, tmp_path: Path
) -> None:
    """The technician's box shows nothing, so the depot says no; nothing was issued."""
    operator = Denying()
    with depot_of(city, BOX, operator) as depot:
        assert refused(depot, tmp_path / "thief") is EnrolRefused.DECLINED
        assert operator.asked.is_set()
        assert depot.end() is Standing.CLOSED
    assert not issued(city)


def test_two_boxes_with_one_code_are_both_turned_away(city: City, tmp_path: Path) -> None:
    """The second one proves that the code was overheard: both sides and the thief are told, nothing is issued."""
    screen = Screen()
    with depot_of(city, BOX, Absent()) as depot, thief(depot, tmp_path / "thief", screen) as told:
        screen.wait()
        assert refused(depot, tmp_path / "box") is EnrolRefused.OVERHEARD
        assert depot.end() is Standing.CLOSED
        assert depot.depot.offer.overheard
    assert told == [EnrolRefused.OVERHEARD]
    assert not issued(city)


@pytest.mark.parametrize("field", ["device", "hello", "nonce", "reading", "requests", "verify"])
def test_a_request_that_was_swapped_on_the_way_is_a_wrong_try(
    city: City, tmp_path: Path, field: str
) -> None:
    """The proof covers every part of it: name, keys, certificate requests, the greeting it answers."""
    with depot_of(city, BOX, Absent()) as depot:
        offer, ours, theirs = depot.depot.offer, Bus(tmp_path / "box"), Bus(tmp_path / "thief")
        lines = [
            json.loads(_wish_line(bus, name, depot, hello))
            for bus, name, hello in (
                (ours, BOX, offer.hello.digest),
                (theirs, "bus-66", "0" * 64),
            )
        ]
        swapped = lines[0] | {"signed": lines[0]["signed"] | {field: lines[1]["signed"][field]}}
        heard = offer.hear(json.dumps(swapped), depot.depot.steady())
        assert json.loads(heard.answer)["number"] == EnrolRefused.WRONG_CODE
        assert (offer.tries, offer.asked) == (TRIES - 1, None)
    assert not issued(city)


def _wish_line(bus: Bus, device: str, depot: Open, hello: str) -> str:
    wish = make_wish(bus, device, ())
    nonce = secrets.token_bytes(NONCE_BYTES)
    return encode_wish(wish, hello, depot.code, box_signer(bus), nonce)


def test_a_box_that_asks_in_another_boxs_name_gets_nothing(city: City, tmp_path: Path) -> None:
    """It knows the code and signs rightly, but its certificate requests name a box that exists."""
    bus = Bus(tmp_path / "thief")
    with depot_of(city, BOX, Absent()) as depot:
        requests = tuple(make_request("bus-01").certificate for _ in range(2))
        wish = replace(make_wish(bus, BOX, ()), requests=requests)
        hello, nonce = depot.depot.offer.hello.digest, secrets.token_bytes(NONCE_BYTES)
        line = encode_wish(wish, hello, depot.code, box_signer(bus), nonce)
        assert depot.depot.offer.hear(line, depot.depot.steady()).waits
        with pytest.raises(ValueError, match="names another box"):
            depot.depot.admit(wish)
    assert not issued(city)


def test_the_code_stands_in_no_file_and_no_log(
    city: City, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It lives in two processes' memory for a quarter of an hour."""
    screen = Screen()
    with caplog.at_level(logging.DEBUG), depot_of(city, BOX, Comparing(screen)) as depot:
        token = depot.code.token
        call(depot.code, tmp_path / "box", screen)
        depot.end()
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [one for one in files if token.lower().encode() in one.lower()]
    assert token.lower() not in caplog.text.lower()
    assert token not in repr(depot.code)

"""An offer by itself: its states, its end by time and tries, and what comes twice."""

import json
import secrets
from pathlib import Path

import pytest

from provisioning.boxkeys import Bus, Wish, box_signer, make_wish
from provisioning.joining.answer import encode_refusal
from provisioning.joining.code import make_code
from provisioning.joining.errors import EnrolRefused
from provisioning.joining.hello import NONCE_BYTES, Hello, commit
from provisioning.joining.offer import OFFER_S, SENTENCES, Heard, Offer, Standing
from provisioning.joining.wish_line import encode_wish

ROOT = '{"signed": "a root"}'
NONCE = bytes(NONCE_BYTES)
CODE = make_code("192.0.2.10:8445", ROOT)
START = 1000.0
ANSWER = '{"kind":"admission"}'


@pytest.fixture
def offer() -> Offer:
    """An offer for bus-07."""
    hello = Hello("bus-07", bytes(32), commit(NONCE), ROOT)
    return Offer(CODE, hello, NONCE, START)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bus, Wish]:
    """A box with keys."""
    bus = Bus(tmp_path_factory.mktemp("box"))
    return bus, make_wish(bus, "bus-07", ())


def line(offer: Offer, box: tuple[Bus, Wish]) -> str:
    """Write a fresh request of this box."""
    bus, wish = box
    nonce = secrets.token_bytes(NONCE_BYTES)
    return encode_wish(wish, offer.hello.digest, CODE, box_signer(bus), nonce)


def number(heard: Heard) -> int:
    """Return the number of a refusal."""
    return int(json.loads(heard.answer)["number"])


def test_ok__the_same_request_twice_is_one(offer: Offer, box: tuple[Bus, Wish]) -> None:
    """A connection that was cut is made again; the words and the answer stay."""
    asked = line(offer, box)
    first, words = offer.hear(asked, START + 1), offer.words()
    assert offer.hear(asked, START + 2) == first
    offer.admitted(ANSWER)
    assert offer.hear(asked, START + 3) == first
    assert (offer.words(), offer.decision()) == (words, ANSWER)
    assert len(words) == 3


def test_ok__nobody_came_and_there_are_no_words(offer: Offer) -> None:
    """The depot has nothing to compare."""
    assert (offer.words(), offer.decision(), offer.standing) == ((), "", Standing.OPEN)


def test_ok__a_taken_admission_stays(offer: Offer, box: tuple[Bus, Wish]) -> None:
    """Neither time nor a late no takes it back."""
    offer.hear(line(offer, box), START)
    offer.admitted(ANSWER)
    offer.taken()
    offer.tick(START + OFFER_S)
    offer.close(EnrolRefused.DECLINED)
    assert (offer.standing, offer.cause) == (Standing.TAKEN, None)


def test_fail__a_claimed_code_expires_too(offer: Offer, box: tuple[Bus, Wish]) -> None:
    """The operator went away: the box hears why nothing came, and a late yes counts for nothing."""
    offer.hear(line(offer, box), START)
    offer.tick(START + OFFER_S)
    offer.admitted(ANSWER)
    sentence = SENTENCES[EnrolRefused.EXPIRED]
    assert offer.decision() == encode_refusal(EnrolRefused.EXPIRED, sentence)
    assert number(offer.hear(line(offer, box), START)) == EnrolRefused.EXPIRED


def test_fail__a_second_box_after_the_admission_is_an_alarm(
    offer: Offer, box: tuple[Bus, Wish]
) -> None:
    """It gets nothing; the first keeps what it has, and the depot is told to look."""
    offer.hear(line(offer, box), START)
    offer.admitted(ANSWER)
    heard = offer.hear(line(offer, box), START + 1)
    assert number(heard) == EnrolRefused.OVERHEARD
    assert (offer.standing, offer.overheard, heard.waits) == (Standing.ADMITTED, True, b"")


def test_fail__an_answer_to_another_greeting(offer: Offer, box: tuple[Bus, Wish]) -> None:
    """Somebody showed the box another greeting than this depot's: it costs a try, and nobody is let in."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    asked = encode_wish(box[1], "0" * 64, CODE, box_signer(box[0]), nonce)
    heard = offer.hear(asked, START)
    assert (number(heard), offer.tries, offer.asked) == (EnrolRefused.WRONG_CODE, 4, None)


def test_fail__another_name_than_the_offered_one(offer: Offer, tmp_path: Path) -> None:
    """Whoever knows the code gets the offered name or none."""
    bus = Bus(tmp_path)
    heard = offer.hear(line(offer, (bus, make_wish(bus, "bus-08", ()))), START)
    assert (number(heard), offer.asked) == (EnrolRefused.NOT_UNDERSTOOD, None)


def test_fail__a_key_that_is_not_the_askers(
    offer: Offer, box: tuple[Bus, Wish], tmp_path: Path
) -> None:
    """The proof holds, but the signature is of another key: nobody enrols a key he does not have."""
    thief = Bus(tmp_path)
    nonce = secrets.token_bytes(NONCE_BYTES)
    asked = encode_wish(box[1], offer.hello.digest, CODE, box_signer(thief), nonce)
    heard = offer.hear(asked, START)
    assert (number(heard), offer.asked) == (EnrolRefused.NOT_UNDERSTOOD, None)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"kind":"wish"}', "\ud800", "[" * 20000, '{"a":1,"a":2}', "x" * 40000],
    ids=range(9),
)
def test_fail__what_is_no_request(offer: Offer, text: str) -> None:
    """It costs no try: a broken line is no guess."""
    assert number(offer.hear(text, START)) == EnrolRefused.NOT_UNDERSTOOD
    assert offer.tries == 5

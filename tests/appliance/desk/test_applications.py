"""One application: typed over read, doubt, and what one press may file."""

from dataclasses import replace

import pytest

from appliance.desk.application import (
    DOUBT_BELOW,
    VALUE_MAX,
    confirm,
    type_in,
    with_answers,
)
from sync.errors import LocalError
from sync.record import Answer
from tests.support.batches import PROOF, application, flaw


def test_what_a_person_types_goes_before_what_was_read() -> None:
    """A typed value stays typed when the sheets are read again."""
    item = type_in(application(name="工藤　ハナ"), {"name": "工藤　花"})
    again = with_answers(item, (Answer("name", "工藤　ハナ", "ocr", 0.9),))
    assert again.answers == (Answer("name", "工藤　花", "typed"),)


def test_typing_takes_the_confirmation_back() -> None:
    """A changed answer has to be confirmed anew."""
    assert not type_in(confirm(application(name="工藤")), {"name": "佐藤"}).confirmed


def test_a_typed_answer_nobody_read_is_added() -> None:
    """An empty line on paper may be filled at the desk."""
    assert type_in(application(), {"phone": "019"}).value("phone") == "019"


def test_fail__a_value_one_sign_too_long() -> None:
    """The limit holds at its edge."""
    type_in(application(), {"name": "あ" * VALUE_MAX})
    with pytest.raises(LocalError, match="at most"):
        type_in(application(), {"name": "あ" * (VALUE_MAX + 1)})


def test_fail__typing_into_what_was_handed_in() -> None:
    """Handed-in content never changes."""
    with pytest.raises(LocalError, match="never changes"):
        type_in(replace(application(), handed=PROOF), {"name": "佐藤"})


@pytest.mark.parametrize(
    ("confidence", "doubtful"),
    [(None, False), (1.0, False), (DOUBT_BELOW, False), (DOUBT_BELOW - 0.01, True), (0.0, True)],
)
def test_doubt_begins_below_its_line(confidence: float | None, *, doubtful: bool) -> None:
    """A value no machine guessed is never doubtful; a guess below the line always is."""
    item = replace(application(), answers=(Answer("name", "工藤", "ocr", confidence),))
    assert bool(item.doubtful()) is doubtful
    assert item.clean is not doubtful


def test_a_confirmed_doubt_is_no_doubt() -> None:
    """One look of a person settles it."""
    item = replace(application(), answers=(Answer("name", "工藤", "ocr", 0.1),))
    assert confirm(item).doubtful() == ()


@pytest.mark.parametrize(
    ("severity", "state"),
    [("block", "blocked"), ("warn", "look"), ("info", "ready")],
)
def test_the_gravest_flaw_makes_the_state(severity: str, state: str) -> None:
    """The task list shows the worst first."""
    assert replace(application(name="x"), flaws=(flaw(severity),)).state == state


def test_confirming_does_not_hide_what_is_missing() -> None:
    """A blocked application stays marked as incomplete after a look."""
    item = confirm(replace(application(), flaws=(flaw("block"),)))
    assert (item.state, item.confirmed) == ("blocked", True)


def test_confirmed_handed_in_and_twice_have_their_own_words() -> None:
    """Each standing has one word."""
    item = application(name="x")
    assert confirm(item).state == "confirmed"
    assert replace(item, handed=PROOF).state == "handed_in"
    assert replace(item, twice="0012345601").state == "twice"


def test_what_was_filed_before_cannot_be_confirmed() -> None:
    """Nothing is filed twice by a press."""
    item = replace(application(name="x"), twice="0012345601")
    assert confirm(item) is item

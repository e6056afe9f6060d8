"""sync.root: a threshold of holders, and the walk from the root a box knows to the newest."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sync.errors import FailureKind, SealError
from sync.root import (
    ROOTS_MAX,
    TEXT_MAX,
    Role,
    Root,
    StaleError,
    add_signature,
    decode_root,
    draft_root,
    encode_root,
    signed_by,
    walk,
)
from tests.support.makers import EPOCH, make_signer
from tests.support.roots import make_root, root_holders, root_of, root_text

A, B, C = root_holders()
D = make_signer(700)
FIRST = root_of()
SECOND = make_root(version=2, holders=(A, B, D))
THIRD = make_root(version=3, holders=(B, D, make_signer(701)))
TEXTS = (
    root_text(),
    encode_root(SECOND, (A, B)),
    encode_root(THIRD, (B, D)),
)


def parsed(*texts: str) -> list[Any]:
    """Return documents as a bundle carries them."""
    return [json.loads(text) for text in texts]


def kind_of(held: Root | None, documents: Any) -> FailureKind:
    """Return why this chain leads nowhere."""
    with pytest.raises(SealError) as caught:
        walk(held, documents)
    return caught.value.kind


@pytest.mark.parametrize("held", [None, FIRST, SECOND, THIRD])
def test_ok__the_chain_is_walked_to_its_end(held: Root | None) -> None:
    """From the first root, from the middle, from the end, and by whoever believes the first."""
    assert walk(held, parsed(*TEXTS)) == THIRD


def test_ok__the_chain_may_begin_at_the_next_step() -> None:
    """Older documents are not needed by a box that has walked them."""
    assert walk(FIRST, parsed(*TEXTS[1:])) == THIRD


def test_fail__a_chain_that_begins_too_late() -> None:
    """A box that missed a step is told so, and is enrolled again."""
    assert kind_of(FIRST, parsed(TEXTS[2])) is FailureKind.NO_MATCH


def test_fail__a_chain_that_leads_back() -> None:
    """Rollback of the root."""
    with pytest.raises(StaleError, match="older"):
        walk(THIRD, parsed(*TEXTS[:2]))


def test_fail__another_city_s_chain() -> None:
    """The same version with other keys is another root."""
    assert kind_of(FIRST, parsed(root_text(55))) is FailureKind.NO_MATCH


@pytest.mark.parametrize(
    "documents",
    [None, [], {}, parsed(TEXTS[0]) * 2, parsed(TEXTS[1], TEXTS[0]), parsed(*TEXTS) * ROOTS_MAX],
)
def test_fail__no_chain(documents: Any) -> None:
    """None, an empty one, one that does not count up by one, a longer one than a box reads."""
    assert kind_of(FIRST, documents) is FailureKind.HEADER


@pytest.mark.parametrize(
    "holders",
    [
        (),
        (A,),
        (A, A),
        (A, D),
        (D, make_signer(702)),
    ],
)
def test_fail__below_the_old_threshold(holders: Any) -> None:
    """One of the old keys, even twice, even with one that is new, makes no next root."""
    text = encode_root(SECOND, holders)
    assert kind_of(FIRST, parsed(text)) is FailureKind.SIGNATURE


def test_fail__below_the_new_threshold() -> None:
    """The old holders cannot put in keys that nobody holds."""
    text = encode_root(THIRD, (B, A))
    assert kind_of(SECOND, parsed(text)) is FailureKind.SIGNATURE


def test_fail__a_first_root_its_own_keys_did_not_sign() -> None:
    """Also whoever believes what is printed counts the signatures."""
    assert kind_of(None, parsed(encode_root(make_root(), (A, D)))) is FailureKind.SIGNATURE


def test_a_key_counts_once() -> None:
    """The same holder's two signatures are one, though their bytes differ."""
    once, again = (json.loads(encode_root(FIRST, (A,)))["signatures"][0] for _ in range(2))
    assert once != again
    document = json.loads(root_text()) | {"signatures": [once, again]}
    assert kind_of(None, [document]) is FailureKind.SIGNATURE


def test_holders_sign_one_after_the_other() -> None:
    """A file goes from one machine to the next; a second signature of the same holder adds nothing."""
    text = encode_root(SECOND, ())
    assert draft_root(text) == SECOND
    text = add_signature(text, A)
    assert add_signature(text, A) == text
    assert signed_by(text, FIRST.root) == {A.public}
    text = add_signature(text, B)
    assert decode_root(text) == SECOND
    assert walk(FIRST, parsed(text)) == SECOND


def test_a_root_expires_at_its_moment() -> None:
    """It still counts then; people are told."""
    assert not FIRST.expired(FIRST.expires - timedelta(seconds=1))
    assert FIRST.expired(FIRST.expires)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(format="madobus-root-2"),
        lambda s: s.update(version=0),
        lambda s: s.update(expires="tomorrow"),
        lambda s: s.update(extra=1),
        lambda s: s["root"].update(threshold=4),
        lambda s: s["root"].update(threshold=0),
        lambda s: s["root"].update(keys=[]),
        lambda s: s["root"].update(keys=s["root"]["keys"][:1] * 3),
        lambda s: s["publisher"].update(keys=s["publisher"]["keys"] * 17),
        lambda s: s["publisher"].pop("threshold"),
    ],
)
def test_fail__a_root_of_another_shape(change: Any) -> None:
    """Wrong form, wrong numbers, keys that stand twice."""
    document = json.loads(root_text())
    change(document["signed"])
    with pytest.raises(SealError) as caught:
        draft_root(json.dumps(document))
    assert caught.value.kind is FailureKind.HEADER


@pytest.mark.parametrize("signatures", [None, {}, [1], [{}], [{}] * 33])
def test_fail__signatures_of_another_shape(signatures: Any) -> None:
    """What stands there must be a bounded list of signatures."""
    document = json.loads(root_text()) | {"signatures": signatures}
    assert kind_of(None, [document]) is FailureKind.HEADER


@pytest.mark.parametrize("text", ["", "[]", " " * (TEXT_MAX + 1), "[" * 100_000])
def test_fail__no_document(text: str) -> None:
    """Rubbish is a header failure."""
    with pytest.raises(SealError) as caught:
        decode_root(text)
    assert caught.value.kind is FailureKind.HEADER


def test_fail__a_root_beyond_a_rule_is_not_signed() -> None:
    """What a reader would refuse is refused first."""
    with pytest.raises(ValueError, match="threshold"):
        encode_root(replace(FIRST, root=Role(FIRST.root.keys, 4)), ())
    with pytest.raises(ValueError, match="once"):
        encode_root(replace(FIRST, publisher=Role((A.public, A.public), 1)), ())
    with pytest.raises(ValueError, match="time zone"):
        encode_root(replace(FIRST, issued=EPOCH.replace(tzinfo=None)), ())

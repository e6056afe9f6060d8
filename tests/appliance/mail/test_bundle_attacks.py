"""The seven attacks on an update's road (as python-tuf's tests name them), done to the box's root and key bundle."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from appliance.mail.belief import KeyFiles
from sync.bundle import KeyBundle, Standing, division_at, encode_bundle
from sync.errors import SealError
from sync.keys import Signer
from sync.root import encode_root
from tests.support.makers import make_bundle, make_device, make_epoch, make_signer
from tests.support.roots import bundle_text, make_root, publisher_of, root_holders, root_text

A, B, C = root_holders()
NEW_PUBLISHER = make_signer(500)
HELD = make_bundle(7)
SECOND = encode_root(make_root(version=2, publishers=(NEW_PUBLISHER,)), (A, C))
HIGHEST = (1 << 62) - 1


@pytest.fixture
def files(tmp_path: Path) -> KeyFiles:
    """What a box believes that was enrolled with root 1 and holds bundle 7."""
    (tmp_path / "root.json").write_text(root_text(), encoding="utf-8")
    (tmp_path / "bundle.json").write_text(bundle_text(HELD), encoding="utf-8")
    return KeyFiles(tmp_path / "bundle.json", tmp_path / "root.json")


def under_second(bundle: KeyBundle, *publishers: Signer) -> str:
    """Return a bundle under root 2, which names another publisher."""
    return encode_bundle(bundle, publishers or (NEW_PUBLISHER,), (root_text(), SECOND))


def changed(text: str, change: Callable[[Any], object]) -> str:
    """Return the text with something in it changed by whoever carries it."""
    whole = json.loads(text)
    change(whole)
    return json.dumps(whole)


def refused(files: KeyFiles, text: str) -> None:
    """The box takes nothing, keeps what it holds, and holds the same after a power cut."""
    with pytest.raises(SealError):
        files.offer(text)
    assert (files.held.rank, files.bundle) == ((1, 7), HELD)


STRANGER = bundle_text(make_bundle(8, devices=[make_device(signer=66)]), 55)


@pytest.mark.parametrize(
    "text",
    [
        STRANGER,
        changed(STRANGER, lambda one: one.update(roots=json.loads(bundle_text(HELD))["roots"])),
        changed(
            bundle_text(make_bundle(8)),
            lambda one: one["signed"].update(
                recovery=json.loads(STRANGER)["signed"]["recovery"][:0]
            ),
        ),
        changed(
            bundle_text(make_bundle(8)),
            lambda one: one["roots"][0]["signed"].update(
                publisher=json.loads(STRANGER)["roots"][0]["signed"]["publisher"]
            ),
        ),
    ],
    ids=["another city's", "under our root", "a key left out", "a publisher put in"],
)
def test_attack_1__arbitrary_keys(files: KeyFiles, text: str) -> None:
    """Keys that no publisher of ours signed, whatever they are wrapped in."""
    refused(files, text)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.update(more="x" * 5_000_000),
        lambda one: one["signatures"].extend(one["signatures"] * 1000),
        lambda one: one["roots"].extend(one["roots"] * 40),
        lambda one: one["signed"]["devices"].extend(one["signed"]["devices"] * 600),
        lambda one: one["roots"][0]["signatures"].extend(one["signatures"] * 40),
    ],
    ids=["text", "signatures", "roots", "devices", "a root's signatures"],
)
def test_attack_2__endless_data(files: KeyFiles, change: Any) -> None:
    """Every list and the whole have a length beyond which nothing is read."""
    refused(files, changed(bundle_text(make_bundle(8)), change))


def test_attack_3__mix_and_match(files: KeyFiles) -> None:
    """Pieces of true bundles put together, and names that nobody signed put in."""
    seven, eight, second = bundle_text(HELD), bundle_text(make_bundle(8)), under_second(HELD)
    for name in ("signatures", "signed"):
        refused(files, json.dumps(json.loads(eight) | {name: json.loads(seven)[name]}))
    refused(files, changed(second, lambda one: one["roots"].pop()))
    refused(files, changed(second, lambda one: one["roots"].pop(0)) + " {}")
    refused(files, changed(eight, lambda one: one["roots"].append(json.loads(SECOND))))
    refused(files, changed(eight, lambda one: one.update(extra=[])))


def test_attack_4__a_freeze_is_noticed_and_nobody_is_turned_away(files: KeyFiles) -> None:
    """Without news the box seals on for the last key, and says how far behind it is; old news do not help."""
    first, ended = HELD.division[0], HELD.division[0].until
    refused(files, bundle_text(replace(HELD, version=6, expires=HELD.expires + timedelta(365))))
    told = [division_at(files.bundle, ended + timedelta(days=late)) for late in (-1, 1, 46)]
    assert [one.standing for one in told] == [Standing.FRESH, Standing.GRACE, Standing.OVERDUE]
    assert {one.epoch for one in told} == {first}
    late = replace(HELD, version=8, division=(first, make_epoch(21, ended)))
    assert files.offer(bundle_text(late))
    assert division_at(files.bundle, ended).standing is not Standing.OVERDUE


def test_attack_5__replay(files: KeyFiles, tmp_path: Path) -> None:
    """Yesterday's bundle and yesterday's root, truly signed, also after a restart and with a longer chain."""
    refused(files, bundle_text(make_bundle(6)))
    refused(files, bundle_text(replace(HELD, office=())))
    assert files.offer(under_second(make_bundle(9)))
    again = KeyFiles(tmp_path / "bundle.json", tmp_path / "root.json")
    for box in (files, again):
        for old in (bundle_text(make_bundle(10)), under_second(make_bundle(8))):
            with pytest.raises(SealError):
                box.offer(old)
        assert box.held.rank == (2, 9)


def test_attack_6__slow_retrieval_leaves_nothing_half(files: KeyFiles) -> None:
    """A text that never comes whole is no text: each beginning of it is refused, the whole is taken."""
    text = under_second(make_bundle(8))
    for end in range(0, len(text) - 2, len(text) // 40):
        refused(files, text[:end])
    assert files.offer(text)


@pytest.mark.parametrize(
    "thieves", [(A,), (B, B), (C, make_signer(900)), (publisher_of(), A)], ids=str
)
def test_attack_7__keys_below_the_threshold(files: KeyFiles, thieves: tuple[Signer, ...]) -> None:
    """One holder's key, twice, with keys of the thief's own, or with the publisher's, makes no root."""
    news = (make_signer(901), make_signer(902), make_signer(903))
    evil = make_root(version=2, holders=news, publishers=(make_signer(904),))
    document = encode_root(evil, (*thieves, *news))
    true = json.loads(bundle_text(HELD))
    chain = [true["roots"][0], json.loads(document)]
    signed = json.loads(encode_bundle(make_bundle(8), (make_signer(904),), (document,)))
    refused(files, json.dumps(signed | {"roots": chain}))
    refused(files, json.dumps(signed))


def test_attack_7__a_stolen_publisher_s_key_is_undone(files: KeyFiles) -> None:
    """It can run the number up; a new root with another publisher is taken all the same, and it can do no more."""
    assert files.offer(bundle_text(make_bundle(HIGHEST)))
    assert files.held.rank == (1, HIGHEST)
    assert files.offer(under_second(make_bundle(8)))
    assert files.held.rank == (2, 8)
    with pytest.raises(SealError, match="publisher"):
        under_second(make_bundle(9), publisher_of())
    with pytest.raises(SealError):
        files.offer(bundle_text(make_bundle(HIGHEST)))

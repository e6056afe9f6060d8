"""sync.bundle: the city's public keys, signed by the publisher under the newest root."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import signedjson
from sync.bundle import (
    DEVICES_MAX,
    KEYS_MAX,
    LABEL,
    TEXT_MAX,
    Belief,
    KeyBundle,
    Standing,
    believe,
    decode_bundle,
    division_at,
    encode_bundle,
    newest_root,
    replacement,
)
from sync.errors import FailureKind, SealError
from sync.root import StaleError, decode_root
from tests.support.makers import (
    BOX,
    COUNTERSIGNER,
    EPOCH,
    OFFICE,
    ROOT,
    make_bundle,
    make_device,
    make_signer,
)
from tests.support.roots import believed, bundle_text, publisher_of, root_of, root_text

REVOKED = make_device("bus-08", signer=6, reading=14, revoked=True, journal=57)
BUNDLE = make_bundle(3, devices=(make_device(), REVOKED))
TEXT = bundle_text(BUNDLE)
HELD = believed(BUNDLE)


def kind_of(text: Any, root: Any = HELD.root) -> FailureKind:
    """Return why this text is no bundle of this root."""
    with pytest.raises(SealError) as caught:
        decode_bundle(text, root)
    return caught.value.kind


def signed(change: Callable[[dict[str, Any]], object]) -> str:
    """Return the bundle with its content changed and properly signed again."""
    whole = json.loads(TEXT)
    change(whole["signed"])
    whole["signatures"] = [signedjson.signature(publisher_of(), LABEL, whole["signed"])]
    return json.dumps(whole)


@pytest.mark.parametrize("root", [root_of(), None])
def test_ok__a_bundle_comes_back_equal(root: Any) -> None:
    """Every key survives, under the known root and under the one the chain inside leads to."""
    assert decode_bundle(TEXT, root) == BUNDLE


def test_ok__the_empty_bundle_of_a_new_city_is_a_bundle() -> None:
    """No device yet, no second key: still well formed, but nothing can be sealed for it."""
    empty = KeyBundle(1, EPOCH, EPOCH, (), (), (), (), ())
    assert decode_bundle(bundle_text(empty), root_of()) == empty
    with pytest.raises(ValueError, match="no division key"):
        division_at(empty, EPOCH)


def test_ok__layout_does_not_matter_to_the_signature() -> None:
    """A bundle that went through a JSON tool still holds."""
    assert decode_bundle(json.dumps(json.loads(TEXT), indent=4), root_of()) == BUNDLE


def test_ok__keys_are_looked_up_by_name_and_by_id() -> None:
    """Each lookup finds its own kind of key only."""
    assert BUNDLE.device("bus-08") == REVOKED
    assert BUNDLE.device("bus-99") is None
    assert BUNDLE.device_by_key(make_signer(BOX).key_id) == make_device()
    assert BUNDLE.device_by_key(make_signer(OFFICE).key_id) is None
    assert BUNDLE.countersigner(make_signer(COUNTERSIGNER).key_id) is not None
    assert BUNDLE.countersigner(make_signer(BOX).key_id) is None
    assert BUNDLE.office_key(make_signer(OFFICE).key_id) is not None
    assert BUNDLE.office_key(make_signer(COUNTERSIGNER).key_id) is None


def test_ok__a_bundle_expires_at_its_moment() -> None:
    """One second before the end it is fresh, at the end it is not."""
    assert not BUNDLE.expired(BUNDLE.expires - timedelta(seconds=1))
    assert BUNDLE.expired(BUNDLE.expires)


def test_a_box_seals_for_the_bundle_s_epoch() -> None:
    """The newest valid key; an expired bundle with a good key is behind all the same."""
    short = replace(BUNDLE, expires=EPOCH + timedelta(days=2))
    assert division_at(BUNDLE, EPOCH).epoch == BUNDLE.division[0]
    assert division_at(BUNDLE, EPOCH).standing is Standing.FRESH
    assert division_at(short, EPOCH + timedelta(days=2)).standing is Standing.GRACE


def test_fail__another_root_is_no_match() -> None:
    """A bundle of another city is told apart from a damaged one."""
    assert kind_of(TEXT, root_of(55)) is FailureKind.NO_MATCH
    assert kind_of(bundle_text(BUNDLE, 55)) is FailureKind.NO_MATCH


def test_fail__a_changed_key_is_a_signature_failure() -> None:
    """Arbitrary keys: whatever is changed in the content, the publisher's signatures do not hold."""
    whole = json.loads(TEXT)
    whole["signed"]["devices"][1]["revoked"] = None
    assert kind_of(json.dumps(whole)) is FailureKind.SIGNATURE
    assert kind_of(json.dumps(whole), None) is FailureKind.SIGNATURE


def test_fail__mixed_bundles_are_a_signature_failure() -> None:
    """Mix and match: content of one version under the signatures of another."""
    newer = json.loads(bundle_text(replace(BUNDLE, version=4)))
    newer["signatures"] = json.loads(TEXT)["signatures"]
    assert kind_of(json.dumps(newer)) is FailureKind.SIGNATURE


def test_ok__a_newer_bundle_replaces_the_held_one() -> None:
    """A higher version and the very same bundle are taken."""
    newer = replace(BUNDLE, version=4)
    assert replacement(bundle_text(newer), HELD) == Belief(HELD.root, newer)
    assert replacement(TEXT, HELD) == HELD


def test_fail__an_older_bundle_does_not_replace_the_held_one() -> None:
    """Replay: yesterday's keys, properly signed, are refused."""
    with pytest.raises(StaleError, match="older"):
        replacement(TEXT, believed(replace(BUNDLE, version=4)))


def test_fail__two_bundles_of_one_version_are_a_fork() -> None:
    """The publisher never signs two different bundles with one number."""
    with pytest.raises(SealError, match="two different"):
        replacement(TEXT, believed(replace(BUNDLE, office=())))


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.update(format="madobus-bundle-1"),
        lambda s: s.update(version=0),
        lambda s: s.update(version=True),
        lambda s: s.update(version=1.5),
        lambda s: s.update(version="3"),
        lambda s: s.update(root=2),
        lambda s: s.update(root=0),
        lambda s: s.update(issued="2026-11-24"),
        lambda s: s.update(issued="2026-11-24T01:00:0Z"),
        lambda s: s.update(issued=5),
        lambda s: s.update(extra=1),
        lambda s: s.pop("office"),
        lambda s: s.update(division="x"),
        lambda s: s.update(division=["x"]),
        lambda s: s.update(division=[None]),
        lambda s: s.update(division=s["division"] * 2),
        lambda s: s.update(division=s["division"] * (KEYS_MAX + 1)),
        lambda s: s["division"][0].update(key="AAAA"),
        lambda s: s["division"][0].update(until=s["division"][0]["from"]),
        lambda s: s.update(recovery=["x"]),
        lambda s: s.update(office=[{"ed25519": "AAAA"}]),
        lambda s: s.update(devices={}),
        lambda s: s.update(devices=[s["devices"][0]] * 2),
        lambda s: s.update(devices=[s["devices"][0], s["devices"][0] | {"name": "bus-09"}]),
        lambda s: s.update(devices=[1] * (DEVICES_MAX + 1)),
        lambda s: s["devices"][0].update(name="Bus 7"),
        lambda s: s["devices"][0].update(revoked=True),
        lambda s: s["devices"][0].update(revoked={"at": "2026-11-24T01:00:00Z", "journal": -1}),
        lambda s: s["devices"][0].update(reading=s["devices"][0]["reading"][:-4]),
    ],
)
def test_fail__a_signed_bundle_of_another_shape_is_a_header_failure(change: Any) -> None:
    """The publisher's signature does not make a bad bundle good."""
    assert kind_of(signed(change)) is FailureKind.HEADER


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        "{" * 5000,
        "[" * 200_000,
        '{"signed":{},"signed":{},"roots":[],"signatures":[]}',
        '{"signed":{},"roots":[],"signatures":[]}',
        "9" * 5000,
        "NaN",
        TEXT[:-10],
        TEXT + "x",
        " " * (TEXT_MAX + 1),
        None,
        b"{}",
    ],
)
def test_fail__other_text_is_a_header_failure(text: Any) -> None:
    """No JSON, too deep, too long, twice the same name, no root, or no text at all."""
    assert kind_of(text) is FailureKind.HEADER


def test_fail__spare_bits_in_base64_are_a_header_failure() -> None:
    """One key has one spelling."""
    whole = json.loads(TEXT)
    key = whole["roots"][0]["signed"]["root"]["keys"][0]
    good = key["ed25519"]
    assert good.endswith("=")
    spare = {sign: chr(ord(sign) + 1) for sign in "AEIMQUYcgkosw048"}
    key["ed25519"] = good[:-2] + spare[good[-2]] + "="
    assert kind_of(json.dumps(whole)) is FailureKind.HEADER


@pytest.mark.parametrize("deep", [50, 500, 900, 990, 1500])
@pytest.mark.parametrize("place", ["signed", "signatures", "roots"])
def test_fail__a_deep_value_is_refused(place: str, deep: int) -> None:
    """Nesting that the JSON reader still takes gives SealError and no RecursionError."""
    whole = json.loads(TEXT)
    whole[place] = 0
    text = json.dumps(whole).replace(f'"{place}": 0', f'"{place}": ' + "[" * deep + "]" * deep)
    assert kind_of(text) in (FailureKind.SIGNATURE, FailureKind.HEADER)


@pytest.mark.parametrize(
    "bundle",
    [
        replace(BUNDLE, version=0),
        replace(BUNDLE, devices=(make_device("Bus"),)),
        replace(BUNDLE, devices=(make_device(), make_device())),
        replace(BUNDLE, office=BUNDLE.office * (KEYS_MAX + 1)),
        replace(BUNDLE, issued=datetime(2026, 1, 1)),  # noqa: DTZ001 - naive on purpose
        replace(BUNDLE, issued=datetime(1960, 1, 1, tzinfo=UTC)),
    ],
)
def test_fail__a_bundle_beyond_a_rule_is_not_signed(bundle: KeyBundle) -> None:
    """What a reader would refuse, the publisher refuses first."""
    with pytest.raises(ValueError, match=r"must|once"):
        bundle_text(bundle)


@pytest.mark.parametrize("publishers", [(), (make_signer(ROOT),)])
def test_fail__too_few_publishers_make_no_bundle(publishers: Any) -> None:
    """Nobody, or a key that the root does not name."""
    with pytest.raises(SealError, match="publisher"):
        encode_bundle(BUNDLE, publishers, (root_text(),))


@settings(max_examples=100)
@given(st.text(max_size=60), st.integers(0, len(TEXT) - 1), st.integers(0, 60))
def test_fail__garbage_is_a_seal_error(put: str, place: int, cut: int) -> None:
    """Text with anything put in and cut out is refused, or says the same."""
    text = TEXT[:place] + put + TEXT[place + cut :]
    try:
        found = decode_bundle(text, root_of())
    except SealError:
        return
    assert found == BUNDLE


def test_a_bundle_carries_its_root() -> None:
    """Believed where the city itself put the first file; its text is the document of its own."""
    belief = believe(bundle_text(make_bundle(), 9), None)
    assert belief.root == root_of(9)
    assert decode_root(newest_root(bundle_text(make_bundle(), 9))) == root_of(9)
    assert belief.rank == (1, 1)

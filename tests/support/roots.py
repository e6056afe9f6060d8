"""Fictitious cities' roots: three root keys of which two must sign, one publisher, all made from a number."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from sync.bundle import Belief, KeyBundle, believe, encode_bundle
from sync.keys import Signer
from sync.root import Role, Root, decode_root, encode_root
from tests.support.makers import EPOCH, ROOT, make_signer

THRESHOLD = 2


@cache
def root_holders(number: int = ROOT) -> tuple[Signer, ...]:
    """Return the three root keys of city number `number`."""
    return tuple(make_signer(number * 1000 + n) for n in range(3))


@cache
def publisher_of(number: int = ROOT) -> Signer:
    """Return the key that signs the bundles of city number `number`."""
    return make_signer(number * 1000 + 10)


def make_root(
    number: int = ROOT,
    version: int = 1,
    *,
    holders: Sequence[Signer] | None = None,
    publishers: Sequence[Signer] | None = None,
) -> Root:
    """Return a root of city number `number` with its own holders and publisher, or with others."""
    held = root_holders(number) if holders is None else holders
    signing = (publisher_of(number),) if publishers is None else publishers
    return Root(
        version=version,
        issued=EPOCH - timedelta(days=30),
        expires=EPOCH + timedelta(days=1800),
        root=Role(tuple(one.public for one in held), THRESHOLD),
        publisher=Role(tuple(one.public for one in signing), 1),
    )


@cache
def root_text(number: int = ROOT) -> str:
    """Return root 1 of city number `number`, signed by two of its three holders."""
    return encode_root(make_root(number), root_holders(number)[:THRESHOLD])


@cache
def root_of(number: int = ROOT) -> Root:
    """Return root 1 of city number `number`, as a box was enrolled with it."""
    return decode_root(root_text(number))


def bundle_text(bundle: KeyBundle, number: int = ROOT) -> str:
    """Return a bundle as city number `number` publishes it."""
    return encode_bundle(bundle, (publisher_of(number),), (root_text(number),))


def believed(bundle: KeyBundle, number: int = ROOT) -> Belief:
    """Return what a house holds that took this bundle."""
    return believe(bundle_text(bundle, number), root_of(number))

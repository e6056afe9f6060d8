"""The city's root as files: three root keys in three folders, the documents they sign, the publisher's key.

A change of the root is a file that goes from holder to holder: one drafts it, two sign it, each on
their own machine, and the city takes it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from provisioning.files import SECRET, write_whole
from sync.keys import Signer, VerifyKey, read_key, write_key
from sync.root import ROOTS_MAX, Role, Root, decode_root, draft_root, encode_root, signed_by

HOLDERS = ("a", "b", "c")
THRESHOLD = 2
ROOT_DAYS = 5 * 365
SEED_BYTES = 32


class RootRefusedError(ValueError):
    """A root document is not the next one of this city, or too few of its holders signed it."""


@dataclass(frozen=True, slots=True)
class Change:
    """What the next root shall do: root keys that go and come, and the publisher's keys if they change."""

    drop: tuple[VerifyKey, ...] = ()
    add: tuple[VerifyKey, ...] = ()
    publishers: tuple[VerifyKey, ...] = ()


def found_root(folder: Path, now: datetime) -> None:
    """Make the root keys, the publisher's key and root 1 of a city that has none yet."""
    holders = [new_signer(folder / f"root-{name}" / "root.key") for name in HOLDERS]
    publisher = new_signer(folder / "publisher" / "publisher.key")
    root = Root(
        version=1,
        issued=now,
        expires=now + timedelta(days=ROOT_DAYS),
        root=Role(tuple(one.public for one in holders), THRESHOLD),
        publisher=Role((publisher.public,), 1),
    )
    write_whole(_place(folder, 1), encode_root(root, holders[:THRESHOLD]))


def root_texts(folder: Path) -> tuple[str, ...]:
    """Return the newest root documents, at most as many as a bundle carries, oldest first."""
    numbers = sorted(int(path.stem) for path in (folder / "roots").glob("*.json"))
    return tuple(_place(folder, one).read_text(encoding="utf-8") for one in numbers[-ROOTS_MAX:])


def publishers(folder: Path, root: Root) -> Sequence[Signer]:
    """Return the keys of the folder publisher that this root lets sign bundles; raises RootRefusedError without."""
    paths = sorted((folder / "publisher").glob("*.key"))
    found = [one for one in map(read_signer, paths) if one.public in root.publisher.keys]
    if len(found) < root.publisher.threshold:
        ids = ", ".join(key.key_id.hex() for key in root.publisher.keys)
        raise RootRefusedError(
            f"publisher: {root.publisher.threshold} of the keys {ids} must sign a bundle under root {root.version}, "
            f"{len(found)} lie in {folder / 'publisher'}; put their key files there"
        )
    return found


def next_root(newest: Root, change: Change, now: datetime) -> str:
    """Return the next version as a document nobody signed yet; raises RootRefusedError."""
    keys = tuple(key for key in newest.root.keys if key not in change.drop) + change.add
    if len(keys) < THRESHOLD + 1:
        raise RootRefusedError(
            f"root: {THRESHOLD} of at least {THRESHOLD + 1} keys must sign, but {len(keys)} would be left; add one"
        )
    publisher = Role(change.publishers, 1) if change.publishers else newest.publisher
    root = replace(
        newest,
        version=newest.version + 1,
        issued=now,
        expires=now + timedelta(days=ROOT_DAYS),
        root=Role(keys, THRESHOLD),
        publisher=publisher,
    )
    try:
        return encode_root(root, ())
    except ValueError as error:
        raise RootRefusedError(str(error)) from error


def lacking(newest: Root, text: str) -> int:
    """Return how many signatures a drafted root still needs, of the old root's keys or of its own."""
    drafted = draft_root(text)
    return max(role.threshold - len(signed_by(text, role)) for role in (newest.root, drafted.root))


def take_root(folder: Path, text: str) -> Root:
    """Keep a signed root as the city's newest one; raises RootRefusedError and SealError. Taken twice it is one."""
    newest, offered = decode_root(root_texts(folder)[-1]), draft_root(text)
    if offered == newest:
        return newest
    if offered.version != newest.version + 1:
        raise RootRefusedError(
            f"root: version {newest.version} is the newest, so the next is {newest.version + 1}, "
            f"not {offered.version}; draft it again"
        )
    missing = lacking(newest, text)
    if missing > 0:
        raise RootRefusedError(f"root: {missing} more holders must sign version {offered.version}")
    publishers(folder, offered)  # before the root is in place: nothing could be published under it
    write_whole(_place(folder, offered.version), text)
    return offered


def new_signer(path: Path) -> Signer:
    """Make a signing key and write it where only its owner reads it."""
    seed = secrets.token_bytes(SEED_BYTES)
    write_whole(path, write_key("signer", seed), SECRET)
    return Signer.from_seed(seed)


def read_signer(path: Path) -> Signer:
    """Read a signing key's file; raises ValueError."""
    return Signer.from_seed(read_key(path.read_text(encoding="utf-8"), "signer"))


def _place(folder: Path, version: int) -> Path:
    return folder / "roots" / f"{version}.json"

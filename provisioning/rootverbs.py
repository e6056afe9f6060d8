"""`madobus provision root VERB`: holders change the root, one after the other, with a file between them."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from provisioning.bundle_letters import post_bundle
from provisioning.city import City, publish_fresh
from provisioning.files import write_whole
from provisioning.roots import (
    Change,
    RootRefusedError,
    new_signer,
    next_root,
    read_signer,
    take_root,
)
from sync.errors import SealError
from sync.keys import VerifyKey, read_key, write_key
from sync.root import Root, add_signature, draft_root, signed_by


def main(argv: list[str]) -> int:
    """Run one verb and return its exit code; a refusal is a sentence."""
    verbs: dict[str, Callable[[list[str]], int]] = {
        "show": show,
        "key": key,
        "draft": draft,
        "sign": sign,
        "take": take,
    }
    if not argv or argv[0] not in verbs:
        print(f"madobus provision root VERB; there are: {', '.join(verbs)}", file=sys.stderr)
        return 2
    try:
        return verbs[argv[0]](argv[1:])
    except (OSError, ValueError, SealError) as refusal:
        print(f"root {argv[0]}: {refusal}", file=sys.stderr)
        return 1


def show(argv: list[str]) -> int:
    """Show a root document, or the city's newest: its keys by id, and which of them signed it."""
    parser = _parser("show", show)
    parser.add_argument("file", type=Path, nargs="?", help="a root document")
    parser.add_argument("--city", type=Path, help="or the founded city's folder")
    given = parser.parse_args(argv)
    if given.file is None and given.city is None:
        parser.error("name a root document, or a city's folder with --city")
    _say(_text(given.file) if given.file else City(given.city).roots()[-1])
    return 0


def key(argv: list[str]) -> int:
    """Make a new key for a holder of the root or for the publisher; FILE.pub is what others need of it."""
    parser = _parser("key", key)
    parser.add_argument("file", type=Path, help="where the secret key shall lie, e.g. on a stick")
    given = parser.parse_args(argv)
    if given.file.exists():
        raise RootRefusedError(f"{given.file} exists; a key is never written over")
    public = new_signer(given.file).public
    shown = given.file.with_name(f"{given.file.name}.pub")
    write_whole(shown, write_key("verify", public.raw))
    print(f"key {public.key_id.hex()}: give {shown} to whoever drafts the root")
    return 0


def draft(argv: list[str]) -> int:
    """Draft the city's next root; nobody has signed it yet. Without a change it only lasts longer."""
    parser = _parser("draft", draft)
    parser.add_argument("file", type=Path, help="where the draft shall lie")
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    for name, what in (("drop", "a root key that goes"), ("add", "a root key that comes")):
        parser.add_argument(f"--{name}", type=Path, action="append", default=[], help=what)
    parser.add_argument("--publisher", type=Path, action="append", default=[], help="its new key")
    parser.add_argument("--drop-id", action="append", default=[], help="the id of one that is lost")
    given = parser.parse_args(argv)
    newest = City(given.city).root()
    change = Change(
        drop=(*map(_public, given.drop), *(_by_id(newest, one) for one in given.drop_id)),
        add=tuple(map(_public, given.add)),
        publishers=tuple(map(_public, given.publisher)),
    )
    text = next_root(newest, change, datetime.now(UTC))
    write_whole(given.file, text)
    _say(text)
    return 0


def sign(argv: list[str]) -> int:
    """Show a drafted root and put one holder's signature on it; then the file goes to the next holder."""
    parser = _parser("sign", sign)
    parser.add_argument("file", type=Path, help="the draft")
    parser.add_argument("--key", type=Path, required=True, help="this holder's root key")
    given = parser.parse_args(argv)
    text = add_signature(_text(given.file), read_signer(given.key))
    write_whole(given.file, text)
    _say(text)
    return 0


def take(argv: list[str]) -> int:
    """Make a signed root the city's newest, publish the bundle under it and post it to every box."""
    parser = _parser("take", take)
    parser.add_argument("file", type=Path, help="the signed root")
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    given = parser.parse_args(argv)
    city, now = City(given.city), datetime.now(UTC)
    root = take_root(city.folder, _text(given.file))
    publish_fresh(city, city.bundle(), now)
    posted = post_bundle(city, now)
    print(
        f"root {root.version} is the newest; bundle {posted.version} under it goes to "
        f"{len(posted.devices)} boxes at their next contact"
    )
    return 0


def _parser(verb: str, what: Callable[[list[str]], int]) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(prog=f"madobus provision root {verb}", description=what.__doc__)


def _say(text: str) -> None:
    root = draft_root(text)
    print(f"root {root.version}, from {root.issued:%Y-%m-%d} to {root.expires:%Y-%m-%d}")
    for role, name in ((root.root, "root"), (root.publisher, "publisher")):
        ids = ", ".join(one.key_id.hex() for one in role.keys)
        print(f"  {name}: {role.threshold} of {len(role.keys)} sign: {ids}")
    signed = sorted(one.key_id.hex() for one in signed_by(text, root.root))
    print(f"  signed by {', '.join(signed) or 'nobody yet'} (and perhaps by keys that go)")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _public(path: Path) -> VerifyKey:
    return VerifyKey.from_raw(read_key(_text(path), "verify"))


def _by_id(root: Root, name: str) -> VerifyKey:
    for one in root.root.keys:
        if one.key_id.hex() == name:
            return one
    raise RootRefusedError(f"no root key has the id {name!r}; see: madobus provision root show")

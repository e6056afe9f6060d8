"""The city's root: who may change the root, who signs key bundles, and how many of them it takes.

A root document is signed by a threshold of its own root keys and, from version 2 on, by a threshold
of the version before. So a box that once knew version N believes N + 1, and nobody below the
threshold can lead it elsewhere. Docs: envelope.md section 10, decisions/0013.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sync import shape, signedjson
from sync.errors import FailureKind, SealError
from sync.keys import Signer, VerifyKey

FORMAT: Final = "madobus-root-1"
LABEL: Final = "root/v1"
TEXT_MAX: Final = 256 * 1024
ROOTS_MAX: Final = 32
"""The longest chain one bundle carries; a box that missed more changes of the root is enrolled again."""

_TOP: Final = frozenset({"signatures", "signed"})
_CONTENT: Final = frozenset({"expires", "format", "issued", "publisher", "root", "version"})
_ROLE: Final = frozenset({"keys", "threshold"})


class StaleError(SealError):
    """A root or a bundle that was true once; the one held here is newer."""

    def __init__(self, message: str) -> None:
        super().__init__(FailureKind.HEADER, message)


@dataclass(frozen=True, slots=True)
class Role:
    """Keys of which `threshold` different ones must sign; 1 to 16 keys."""

    keys: tuple[VerifyKey, ...]
    threshold: int


@dataclass(frozen=True, slots=True)
class Root:
    """One version of the root: `root` signs the next version, `publisher` signs key bundles."""

    version: int
    issued: datetime
    expires: datetime
    root: Role
    publisher: Role

    def expired(self, now: datetime) -> bool:
        """Tell whether the city should have made a newer root by now; this one still counts."""
        return now >= self.expires


def encode_root(root: Root, holders: Iterable[Signer]) -> str:
    """Return a root document signed by these holders, perhaps still too few; raises ValueError for a bad root."""
    content = _content(root)
    _root(content)
    return signedjson.dumps(
        {
            "signatures": [signedjson.signature(one, LABEL, content) for one in holders],
            "signed": content,
        }
    )


def add_signature(text: str, holder: Signer) -> str:
    """Return the document with one more holder's signature; signed twice it stays as it is. Raises SealError."""
    document = _parsed(text)
    root = _read(document)
    if holder.public in _signers(document, root, (holder.public,)):
        return text
    news = signedjson.signature(holder, LABEL, _content(root))
    return signedjson.dumps({**document, "signatures": [*document["signatures"], news]})


def draft_root(text: str) -> Root:
    """Return what a document says, its signatures not counted: for holders who look before they sign."""
    return _read(_parsed(text))


def decode_root(text: str) -> Root:
    """Return a root that a threshold of its own keys signed; raises SealError."""
    document = _parsed(text)
    root = _read(document)
    _counted(document, root, root)
    return root


def signed_by(text: str, role: Role) -> frozenset[VerifyKey]:
    """Return which keys of a role signed a document; raises SealError."""
    document = _parsed(text)
    return _signers(document, _read(document), role.keys)


def walk(held: Root | None, documents: Any) -> Root:
    """Return the newest root of a chain, reached step by step from the one held; raises SealError.

    `documents` are parsed root documents, oldest first. `held` None believes the chain's first one.
    NO_MATCH is another city's chain or one that starts too late, HEADER one that would lead back.
    """
    try:
        chain = [
            (one, _read(one)) for one in shape.rows(documents, ROOTS_MAX, "the bundle's roots")
        ]
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error
    if not chain:
        raise SealError(FailureKind.HEADER, "the bundle carries no root")
    if [root.version for _, root in chain] != [chain[0][1].version + n for n in range(len(chain))]:
        raise SealError(FailureKind.HEADER, "the bundle's roots do not follow one another")
    if held is None:
        document, held = chain[0]
        _counted(document, held, held)
    if chain[-1][1].version < held.version:
        raise StaleError(f"the bundle's root is older than version {held.version}")
    return _walked(held, chain)


def _walked(held: Root, chain: Sequence[tuple[Any, Root]]) -> Root:
    if chain[0][1].version > held.version + 1:
        missing = held.version + 1
        raise SealError(FailureKind.NO_MATCH, f"the bundle's roots begin after version {missing}")
    for document, root in chain:
        if root.version == held.version and root != held:
            raise SealError(FailureKind.NO_MATCH, "the bundle is signed by another root")
        if root.version == held.version + 1:
            _counted(document, root, held)
            _counted(document, root, root)
            held = root
    return held


def _counted(document: Any, root: Root, by: Root) -> None:
    found = len(_signers(document, root, by.root.keys))
    if found < by.root.threshold:
        raise SealError(
            FailureKind.SIGNATURE,
            f"root {root.version}: {found} of the {by.root.threshold} keys that version {by.version} asks for",
        )


def _signers(document: Any, root: Root, keys: Iterable[VerifyKey]) -> frozenset[VerifyKey]:
    try:
        return signedjson.signers(document["signatures"], LABEL, _content(root), keys)
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error


def _parsed(text: str) -> Any:
    try:
        return signedjson.loads(text, TEXT_MAX, "root")
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error


def _read(document: Any) -> Root:
    try:
        found = signedjson.fields(document, _TOP, "root document")
        shape.rows(found["signatures"], signedjson.SIGNATURES_MAX, "root's signatures")
        return _root(found["signed"])
    except ValueError as error:
        raise SealError(FailureKind.HEADER, str(error)) from error


def _content(root: Root) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": root.version,
        "issued": signedjson.stamp(root.issued),
        "expires": signedjson.stamp(root.expires),
        "root": _role_text(root.root),
        "publisher": _role_text(root.publisher),
    }


def _root(value: Any) -> Root:
    found = signedjson.fields(value, _CONTENT, "root")
    if found["format"] != FORMAT:
        raise ValueError(f"root's format: must be {FORMAT}")
    return Root(
        version=shape.number(found["version"], "root's version", 1),
        issued=signedjson.moment(found["issued"], "root's issued"),
        expires=signedjson.moment(found["expires"], "root's expires"),
        root=_role(found["root"], "root keys"),
        publisher=_role(found["publisher"], "publisher keys"),
    )


def _role(value: Any, place: str) -> Role:
    found = signedjson.fields(value, _ROLE, place)
    keys = signedjson.keys_of(found["keys"], signedjson.verify_key, place)
    if len({key.key_id for key in keys}) != len(keys):
        raise ValueError(f"{place}: each key stands once")
    return Role(keys, shape.number(found["threshold"], f"{place}' threshold", 1, len(keys)))


def _role_text(role: Role) -> dict[str, Any]:
    return {
        "keys": [signedjson.verify_text(key) for key in role.keys],
        "threshold": role.threshold,
    }

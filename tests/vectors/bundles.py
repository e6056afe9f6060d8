"""Vectors of root documents and key bundles (docs/envelope.md section 10), told as JSON whose keys are named once."""

import base64
from collections.abc import Sequence
from typing import Any, Final

from sync.keys import Signer
from sync.signedjson import canonical
from tests.vectors import recipe
from tests.vectors.bricks import (
    BOX,
    DIVISION,
    HALL,
    HEADER,
    NO_MATCH,
    OFFICE,
    READING,
    RECOVERY,
    SIGNATURE,
    THIEF,
    Shelf,
    seed,
)

_HOLDERS: Final = [Signer(seed(f"holder {n}")) for n in range(4)]
_PUBLISHER: Final = Signer(seed("publisher"))
_ISSUED: Final = "2026-11-24T01:00:00Z"
_EXPIRES: Final = "2027-11-24T01:00:00Z"
_NAMED: Final = {
    "box": BOX,
    "hall": HALL,
    "office": OFFICE,
    "thief": THIEF,
    "publisher": _PUBLISHER,
    **{f"holder {n}": one for n, one in enumerate(_HOLDERS)},
}
_SEALING: Final = {"division": DIVISION, "recovery": RECOVERY, "reading": READING}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _blobs() -> dict[str, Any]:
    signing = {
        f"key of {name}": {
            "ed25519": _base64(one.public.ed25519),
            "mldsa44": _base64(one.public.mldsa44),
        }
        for name, one in _NAMED.items()
    }
    return signing | {f"key of {name}": _base64(one.public.raw) for name, one in _SEALING.items()}


_BLOBS: Final = _blobs()


def _key(name: str) -> dict[str, str]:
    return {"$": f"key of {name}"}


def _role(names: Sequence[str], threshold: Any) -> dict[str, Any]:
    return {"keys": [_key(name) for name in names], "threshold": threshold}


_ROLE: Final = _role(["holder 0", "holder 1", "holder 2"], 2)
_ROOT: Final[dict[str, Any]] = {
    "format": "madobus-root-1",
    "version": 1,
    "issued": _ISSUED,
    "expires": _EXPIRES,
    "root": _ROLE,
    "publisher": _role(["publisher"], 1),
}
_DEVICE: Final[dict[str, Any]] = {
    "name": "bus-07",
    "verify": _key("box"),
    "reading": _key("reading"),
    "revoked": None,
}
_EPOCH: Final = {"key": _key("division"), "from": _ISSUED, "until": "2027-01-08T01:00:00Z"}
_BUNDLE: Final[dict[str, Any]] = {
    "format": "madobus-bundle-2",
    "version": 7,
    "root": 1,
    "issued": _ISSUED,
    "expires": _EXPIRES,
    "division": [_EPOCH],
    "recovery": [_key("recovery")],
    "countersigners": [_key("hall")],
    "office": [_key("office")],
    "devices": [_DEVICE],
}
_OLD: Final = ("holder 0", "holder 1")


def _signed(content: Any, names: Sequence[str], label: str) -> dict[str, Any]:
    message = canonical(recipe.resolved(content, _BLOBS))
    found = []
    for name in names:
        short, long = _NAMED[name].sign(label, message)
        entry = {"key": _NAMED[name].key_id.hex(), "ed25519": _base64(short)}
        found.append({**entry, "mldsa44": _base64(long)})
    return {"signatures": found, "signed": content}


def _root(change: dict[str, Any] | None = None, names: Sequence[str] = _OLD) -> dict[str, Any]:
    return _signed(_ROOT | (change or {}), names, "root/v1")


def _bundle(
    roots: Sequence[Any], change: dict[str, Any] | None = None, by: str = "publisher"
) -> dict[str, Any]:
    return {**_signed(_BUNDLE | (change or {}), [by], "bundle/v2"), "roots": list(roots)}


def shelf() -> Shelf:
    """Return the vectors of roots and bundles."""
    made = Shelf(
        "bundles", "Root documents, and key bundles for who believes `believed`, or nobody."
    )
    made.blobs |= _BLOBS
    first = _root()
    made.blobs["root 1"] = first
    _roots(made, first)
    _contents(made)
    _chains(made)
    return made


def _told(content: dict[str, Any]) -> dict[str, Any]:
    front = {name: content[name] for name in ("version", "issued", "expires")}
    return front | {name: _ids(content[name]) for name in ("root", "publisher")}


def _ids(role: dict[str, Any]) -> dict[str, Any]:
    names = [one["$"].removeprefix("key of ") for one in role["keys"]]
    return {"ids": [_NAMED[name].key_id.hex() for name in names], "threshold": role["threshold"]}


def _roots(made: Shelf, first: dict[str, Any]) -> None:
    what = "root document"
    made.good("a root", what, {"text": {"json": {"$": "root 1"}}}, _told(_ROOT))
    three = _root(names=("holder 2", "holder 1", "holder 0"))
    made.good("a root that all three signed", what, {"text": {"json": three}}, _told(_ROOT))
    strange = {
        **first,
        "signatures": [_root(names=["thief"])["signatures"][0], *first["signatures"]],
    }
    made.good("a stranger's signature more", what, {"text": {"json": strange}}, _told(_ROOT))
    one, two = first["signatures"]
    few: dict[str, Any] = {
        "no signature": [],
        "one signature of two": [one],
        "the same key twice": [one, one],
        "a key twice, signed twice": [one, _root(names=["holder 0"])["signatures"][0]],
        "a stranger for the second": [one, _root(names=["thief"])["signatures"][0]],
        "the publisher for the second": [one, _root(names=["publisher"])["signatures"][0]],
        "a stranger under a holder's id": [
            one,
            _root(names=["thief"])["signatures"][0] | {"key": _HOLDERS[1].key_id.hex()},
        ],
        "a signature whose Ed25519 is another's": [one, two | {"ed25519": one["ed25519"]}],
        "a signature whose ML-DSA-44 is another's": [one, two | {"mldsa44": one["mldsa44"]}],
        "a signature of another content": [one, _root({"version": 2})["signatures"][1]],
        "a signature made for a bundle": [one, _signed(_ROOT, ["holder 1"], "bundle/v2")["signatures"][0]],
    }  # fmt: skip
    for name, signatures in few.items():
        given = {"text": {"json": {**first, "signatures": signatures}}}
        made.bad(name, what, given, SIGNATURE)
    changed = {**first, "signed": _ROOT | {"expires": "2037-11-24T01:00:00Z"}}
    made.bad("a root that lives longer", what, {"text": {"json": changed}}, SIGNATURE)
    wrong: dict[str, dict[str, Any]] = {
        "root version 0": {"version": 0},
        "root version true": {"version": True},
        "root version 1.0": {"version": 1.0},
        "another format of root": {"format": "madobus-root-2"},
        "threshold 0": {"root": _role(["holder 0", "holder 1"], 0)},
        "a threshold nobody reaches": {"root": _role(["holder 0", "holder 1"], 3)},
        "no root keys": {"root": _role([], 1)},
        "a root key twice": {"root": _role(["holder 0", "holder 0"], 2)},
        "17 root keys": {"root": _role(["holder 0"] * 17, 2)},
        "a root issued on no day": {"issued": "2026-02-30T00:00:00Z"},
        "a root issued at no full second": {"issued": "2026-11-24T01:00:00.5Z"},
        "a root issued in another zone": {"issued": "2026-11-24T01:00:00+09:00"},
        "a root issued in short digits": {"issued": "2026-11-24T1:00:00Z"},
        "a name nobody knows": {"comment": ""},
        "a role without threshold": {"publisher": {"keys": [_key("publisher")]}},
    }
    for name, change in wrong.items():
        made.bad(name, what, {"text": {"json": _root(change)}}, HEADER)
    key = _BLOBS["key of holder 0"]
    spare = key["ed25519"][:-2] + chr(ord(key["ed25519"][-2]) + 1) + "="
    for name, value in [
        ("a key with spare bits", {**key, "ed25519": spare}),
        ("a key with a line in it", {**key, "ed25519": key["ed25519"] + "\n"}),
        ("a key of low order", {**key, "ed25519": _base64(bytes(32))}),
        ("a key without its second half", {"ed25519": key["ed25519"]}),
    ]:
        role = {"keys": [value, _key("holder 1")], "threshold": 1}
        document = {"signed": _ROOT | {"root": role}, "signatures": []}
        made.bad(name, what, {"text": {"json": document}}, HEADER)
    many = {**first, "signatures": [{"key": "0" * 16, "ed25519": "", "mldsa44": ""}] * 33}
    made.bad("33 signatures", what, {"text": {"json": many}}, HEADER)
    _texts(made, what)


def _texts(made: Shelf, what: str) -> None:
    texts: dict[str, Any] = {
        "no text": "",
        "no JSON": "{",
        "a list": "[]",
        "null": "null",
        "nothing in it": "{}",
        "no signatures": '{"signed": {}}',
        "a name twice": '{"signed": {}, "signed": {}, "signatures": []}',
        "no number at all": '{"signed": {"version": NaN}, "signatures": []}',
        "nested deep": [{"repeat_text": "[", "times": 200_000}],
        "longer than its limit": [{"repeat_text": " ", "times": 262_143}, "{}"],
        "words behind it": '{"signed": {}, "signatures": []} more',
    }
    for name, text in texts.items():
        made.bad(f"a root: {name}", what, {"text": text}, HEADER)


def _summary(content: dict[str, Any]) -> dict[str, Any]:
    ids = {f"key of {name}": one.key_id.hex() for name, one in (_NAMED | _SEALING).items()}
    told = {name: content[name] for name in ("version", "root", "issued", "expires")}
    for name in ("recovery", "countersigners", "office"):
        told[name] = [ids[one["$"]] for one in content[name]]
    told["division"] = [one | {"key": ids[one["key"]["$"]]} for one in content["division"]]
    told["devices"] = [
        one | {"verify": ids[one["verify"]["$"]], "reading": ids[one["reading"]["$"]]}
        for one in content["devices"]
    ]
    return told


def _given(bundle: Any, believed: Any = None) -> dict[str, Any]:
    return {"text": {"json": bundle}, "believed": believed and {"json": believed}}


def _contents(made: Shelf) -> None:
    what, root = "bundle", {"$": "root 1"}
    gone = {"at": "2026-11-24T02:00:00Z", "journal": 41}
    thief = _DEVICE | {"name": "bus-08", "verify": _key("thief"), "revoked": gone}
    later = _EPOCH | {"key": _key("recovery"), "from": "2026-12-24T01:00:00Z"}
    good: dict[str, dict[str, Any]] = {
        "a bundle": {},
        "a bundle with a revoked box": {"devices": [_DEVICE, thief]},
        "a bundle with two months": {"division": [_EPOCH, later]},
        "a bundle without boxes": {"devices": []},
        "the highest version": {"version": 2**63 - 1},
    }
    for name, change in good.items():
        given = _given(_bundle([root], change), root)
        made.good(name, what, given, _summary(_BUNDLE | change))
    made.good("a bundle on trust", what, _given(_bundle([root])), _summary(_BUNDLE))
    bad: dict[str, dict[str, Any]] = {
        "bundle version 0": {"version": 0},
        "another format of bundle": {"format": "madobus-bundle-1"},
        "the number of another root": {"root": 2},
        "a box's name twice": {"devices": [_DEVICE, _DEVICE | {"verify": _key("thief")}]},
        "a box's key twice": {"devices": [_DEVICE, _DEVICE | {"name": "bus-08"}]},
        "a box's name with a capital": {"devices": [_DEVICE | {"name": "Bus-07"}]},
        "revoked as false": {"devices": [_DEVICE | {"revoked": False}]},
        "revoked without a moment": {"devices": [_DEVICE | {"revoked": {"journal": 1}}]},
        "revoked at a negative entry": {"devices": [_DEVICE | {"revoked": gone | {"journal": -1}}]},
        "a month that ends before it begins": {"division": [_EPOCH | {"until": _ISSUED}]},
        "months out of order": {"division": [later, _EPOCH]},
        "a month's key twice": {"division": [_EPOCH, later | {"key": _key("division")}]},
        "17 recovery keys": {"recovery": [_key("recovery")] * 17},
        "an opening key that is not base64": {"recovery": ["!"]},
        "an opening key cut off": {"recovery": ["AAAA"]},
    }
    for name, change in bad.items():
        made.bad(name, what, _given(_bundle([root], change), root), HEADER)
    whole = _bundle([root])
    less = {name: whole[name] for name in ("signatures", "signed")}
    made.bad("a bundle without roots' list", what, _given(less, root), HEADER)
    thiefs = _bundle([root], by="thief")
    made.bad("a bundle that a thief published", what, _given(thiefs, root), SIGNATURE)
    holders = _bundle([root], by="holder 0")
    made.bad("a bundle that a root's holder published", what, _given(holders, root), SIGNATURE)
    unsigned = {**whole, "signatures": []}
    made.bad("a bundle nobody published", what, _given(unsigned, root), SIGNATURE)
    changed = {**whole, "signed": _BUNDLE | {"version": 8}}
    made.bad("a bundle with another number", what, _given(changed, root), SIGNATURE)
    as_root = {**whole, **_signed(_BUNDLE, ["publisher"], "root/v1")}
    made.bad("a bundle signed as a root", what, _given(as_root, root), SIGNATURE)


def _chains(made: Shelf) -> None:
    what, first = "bundle", {"$": "root 1"}
    new = _role(["holder 1", "holder 2", "holder 3"], 2)
    content = {"version": 2, "root": new}
    made.blobs["root 2"] = _root(content, ("holder 1", "holder 2"))
    made.blobs["root 3"] = _root(content | {"version": 3}, ("holder 3", "holder 2"))
    made.blobs["another root 1"] = _root({"expires": "2029-01-01T00:00:00Z"})
    second, third = {"$": "root 2"}, {"$": "root 3"}
    at = {n: _BUNDLE | {"root": n} for n in (1, 2, 3)}
    three = _bundle([first, second, third], {"root": 3})
    for name, believed in [("first", first), ("second", second), ("third", third)]:
        title = f"three roots, the {name} believed"
        made.good(title, what, _given(three, believed), _summary(at[3]))
    short = _bundle([third], {"root": 3})
    made.good("the next root alone", what, _given(short, second), _summary(at[3]))
    only_new = _root(content, ("holder 2", "holder 3"))
    only_old = _root(content, ("holder 0", "holder 1"))
    cases: list[tuple[str, Any, Any, str]] = [
        ("roots that begin too late", short, first, NO_MATCH),
        ("a gap in the roots", _bundle([first, third], {"root": 3}), first, HEADER),
        ("roots out of order", _bundle([second, first], {"root": 1}), first, HEADER),
        ("no roots", _bundle([]), first, HEADER),
        ("33 roots", _bundle([first] * 33), first, HEADER),
        ("roots older than the believed", _bundle([first]), second, HEADER),
        ("another city's first root", _bundle([{"$": "another root 1"}]), first, NO_MATCH),
        ("a root only new keys signed", _bundle([first, only_new], {"root": 2}), first, SIGNATURE),
        ("a root only old keys signed", _bundle([first, only_old], {"root": 2}), first, SIGNATURE),
        ("a first root on trust, signed by none", _bundle([{**_root(), "signatures": []}]), None, SIGNATURE),
        ("roots that are an object", _bundle([]) | {"roots": {}}, first, HEADER),
    ]  # fmt: skip
    for name, bundle, believed, fails in cases:
        made.bad(name, what, _given(bundle, believed), fails)

"""Vectors of keys (docs/envelope.md section 7), key files, secrets under a PIN and drafts (section 12)."""

import base64
import hashlib
from typing import Any, Final

from sync.chiplock import PinHalf
from sync.drawer import Drawer
from sync.keyfile import write_key
from sync.pinlock import lock_secret
from tests.vectors import recipe
from tests.vectors.bricks import (
    BOX,
    DIVISION,
    HEADER,
    MALFORMED,
    NO_MATCH,
    PAYLOAD,
    Shelf,
    fixed,
    seed,
)

_SALT: Final = fixed("salt")
_NONCE: Final = fixed("nonce", 12)
_PIN: Final = "000000"
# The y coordinates of the points of low order and their unreduced forms, lowest byte first.
_WEAK: Final = {
    "y = 0": bytes(32),
    "y = 0, the sign set": bytes(31) + b"\x80",
    "y = 1": b"\x01" + bytes(31),
    "y = -1": (2**255 - 20).to_bytes(32, "little"),
    "of order eight": bytes.fromhex(
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    ),
    "of order eight, the other": bytes.fromhex(
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
    ),
    "y = p": (2**255 - 19).to_bytes(32, "little"),
    "y = p + 1": (2**255 - 18).to_bytes(32, "little"),
    "y = 2^255 - 1": b"\xff" * 31 + b"\x7f",
}


def shelf() -> Shelf:
    """Return the vectors of keys and of secrets at rest."""
    made = Shelf("locks", "Keys from their seeds, key files, secrets under a PIN, drafts.")
    _keys(made)
    _files(made)
    _pins(made)
    _drafts(made)
    return made


def _keys(made: Shelf) -> None:
    for name in ("box", "hall"):
        signer = type(BOX)(seed(name))
        public = hashlib.sha256(signer.public.raw).hexdigest()
        gives = {"id": signer.key_id.hex(), "public_sha256": public}
        made.good(f"the signer of {name}", "signer", {"seed": seed(name).hex()}, gives)
    for name in ("division", "recovery"):
        opening = type(DIVISION)(seed(name))
        public = hashlib.sha256(opening.public.raw).hexdigest()
        gives = {"id": opening.key_id.hex(), "public_sha256": public}
        made.good(f"the opening key of {name}", "opening", {"seed": seed(name).hex()}, gives)
    made.bad("a seed of 31 bytes", "signer", {"seed": seed("box")[:31].hex()}, MALFORMED)
    made.bad("an opening seed of 33", "opening", {"seed": "00" * 33}, MALFORMED)
    good = recipe.packed(BOX.public.raw)
    made.good("a public signing key", "verify key", {"raw": good}, BOX.key_id.hex())
    for name, point in _WEAK.items():
        raw = recipe.put(good, 0, 32, point.hex())
        made.bad(f"an Ed25519 key {name}", "verify key", {"raw": raw}, MALFORMED)
    lengths: list[tuple[str, Any]] = [
        ("a public signing key a byte short", recipe.cut(good, -1)),
        ("a public signing key a byte long", [good, "00"]),
        ("no public signing key", ""),
    ]
    for name, raw in lengths:
        made.bad(name, "verify key", {"raw": raw}, MALFORMED)
    sealing = recipe.packed(DIVISION.public.raw)
    made.good("a public sealing key", "sealing key", {"raw": sealing}, DIVISION.key_id.hex())
    unreduced = recipe.put(sealing, 0, 2, "ffff")
    made.bad("a lattice key that is not reduced", "sealing key", {"raw": unreduced}, MALFORMED)
    short = recipe.cut(sealing, -1)
    made.bad("a public sealing key a byte short", "sealing key", {"raw": short}, MALFORMED)


def _files(made: Shelf) -> None:
    text = write_key("signer", BOX.seed)
    title, body, check = text.splitlines()
    for kind, secret in [
        ("signer", BOX.seed),
        ("opening", DIVISION.seed),
        ("drawer", seed("drawer")),
        ("sealing", DIVISION.public.raw),
    ]:
        given = {"text": write_key(kind, secret), "kind": kind}
        made.good(f"a key file: {kind}", "key file", given, {"hex": recipe.shown(secret)})
    spread = text.replace("\n", "\r\n \t")
    gives = {"hex": BOX.seed.hex()}
    made.good("a key file spread out", "key file", {"text": spread, "kind": "signer"}, gives)
    bad: dict[str, Any] = {
        "an empty key file": "",
        "a title alone": title,
        "another version": text.replace("madobus-key 1", "madobus-key 2"),
        "another kind": text.replace("signer", "opening"),
        "a key file cut off": text[:-20],
        "a key file without its check": f"{title}\n{body}\n",
        "a wrong letter": text.replace(body[5], "A" if body[5] != "A" else "B", 1),
        "a wrong check": f"{title}\n{body}\ncheck {'0' * 16}\n",
        "a check in capitals": f"{title}\n{body}\n{check.upper()}\n",
        "a key that is not base64": f"{title}\n!{body[1:]}\n{check}\n",
        "a key without its padding": text.replace("=", ""),
        "a key of 31 bytes": f"{title}\n{base64.b64encode(BOX.seed[:31]).decode()}\n{check}\n",
        "a word behind the check": f"{text}more\n",
        "a key file over its limit": [text, {"repeat_text": " ", "times": 16_384}],
    }
    for name, spec in bad.items():
        made.bad(name, "key file", {"text": spec, "kind": "signer"}, MALFORMED)
    odd = {"text": text, "kind": "house"}
    made.bad("a kind of key that does not exist", "key file", odd, MALFORMED)


def _pins(made: Shelf) -> None:
    secret = seed("a secret")
    lock = lock_secret(secret, _PIN, _SALT, _NONCE).hex()
    given = {"data": lock, "pin": _PIN}
    made.good("a secret under a PIN", "lock", given, {"hex": secret.hex()})
    empty = lock_secret(b"", "窓口の番号", _SALT, _NONCE).hex()
    made.good("nothing under a PIN", "lock", {"data": empty, "pin": "窓口の番号"}, {"hex": ""})
    for name, spec, pin, fails in [
        ("another PIN", lock, "000001", NO_MATCH),
        ("no PIN", lock, "", NO_MATCH),
        ("a PIN of 65 signs", lock, "0" * 65, NO_MATCH),
        ("another salt", recipe.flipped(lock, 1), _PIN, NO_MATCH),
        ("another nonce", recipe.flipped(lock, 17), _PIN, NO_MATCH),
        ("a changed secret", recipe.flipped(lock, 29), _PIN, NO_MATCH),
        ("recipe 0", recipe.put(lock, 0, 1, "00"), _PIN, HEADER),
        ("recipe 3", recipe.put(lock, 0, 1, "03"), _PIN, HEADER),
        ("a chip's recipe without a chip", recipe.put(lock, 0, 1, "02"), _PIN, HEADER),
        ("a lock of 44 bytes", recipe.cut(lock, 44), _PIN, HEADER),
        ("a lock over its limit", [lock, {"repeat": "00", "times": 4100}], _PIN, HEADER),
    ]:
        made.bad(name, "lock", {"data": spec, "pin": pin}, fails)
    _chips(made, secret)


def _chips(made: Shelf, secret: bytes) -> None:
    chip = fixed("chip", 32)
    half = PinHalf(_PIN, _SALT)
    lock = half.lock(secret, chip, _NONCE).hex()
    given = {"data": lock, "pin": _PIN, "chip": chip.hex()}
    gives = {"secret": secret.hex(), "password": half.password.hex()}
    made.good("a secret under PIN and chip", "chip lock", given, gives)
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("another chip", {"chip": fixed("chip 2", 32).hex()}, NO_MATCH),
        ("another PIN for the chip", {"pin": "000001"}, NO_MATCH),
        ("a changed secret under the chip", {"data": recipe.flipped(lock, -1)}, NO_MATCH),
        ("a PIN's recipe for the chip", {"data": recipe.put(lock, 0, 1, "01")}, HEADER),
        ("a chip lock of 44 bytes", {"data": recipe.cut(lock, 44)}, HEADER),
        ("no PIN for the chip", {"pin": ""}, NO_MATCH),
    ]
    for name, change, fails in wrong:
        made.bad(name, "chip lock", given | change, fails)


def _drafts(made: Shelf) -> None:
    key = seed("drawer")
    sealed = Drawer(key).close_up("application-1", b"a draft").hex()
    given: dict[str, Any] = {"key": key.hex(), "draft_name": "application-1", "data": sealed}
    made.good("a draft", "draft", given, {"hex": b"a draft".hex()})
    wrong: dict[str, dict[str, Any]] = {
        "a draft of another name": {"draft_name": "application-2"},
        "a draft under another key": {"key": seed("drawer 2").hex()},
        "a draft's bit": {"data": recipe.flipped(sealed, -1)},
        "a draft cut off": {"data": recipe.cut(sealed, 56)},
        "an empty draft": {"data": ""},
    }
    for name, change in wrong.items():
        made.bad(name, "draft", given | change, PAYLOAD)

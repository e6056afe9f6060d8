"""Published suites that go through our own functions: keys, signatures, HPKE's wrapping, trees."""

import base64
import json
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP521R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from sync import merkle
from sync.errors import SealError
from sync.keys import MLKEM768_BYTES, OpeningKey, SealingKey, VerifyKey
from tests.published.files import library, vendored, wycheproof
from tests.published.primitives import Verdicts, unhex
from tests.support import second_keys
from tests.vectors.bricks import BOX, DIVISION

_KEMS: Final = {16: KEM.P256, 18: KEM.P521, 32: KEM.X25519}
_KDFS: Final = {1: KDF.HKDF_SHA256, 3: KDF.HKDF_SHA512}
_AEADS: Final = {1: AEAD.AES_128_GCM, 2: AEAD.AES_256_GCM, 3: AEAD.CHACHA20_POLY1305}
_XWING: Final = 25722


def ed25519() -> Verdicts:
    """RFC 8032's and Wycheproof's signatures, as our VerifyKey judges the text of a signed note."""
    for line in library("asymmetric/Ed25519/sign.input").splitlines():
        _, public, message, signed = (unhex(one) for one in line.split(":")[:4])
        yield _note(public, message, signed[:64])
    for group, case in wycheproof("Signature/ed25519"):
        public, message = unhex(group["publicKey"]["pk"]), unhex(case["msg"])
        held = _note(public, message, unhex(case["sig"]))
        yield None if case["result"] == "acceptable" else held == (case["result"] == "valid")


def ed25519_edges() -> Verdicts:
    """CCTV's edge cases: a key that is not canonical or of low order never holds with us, whoever signed."""
    for case in vendored("ed25519-edges"):
        flags = set(case["flags"] or ())
        held = _note(unhex(case["key"]), case["msg"].encode(), unhex(case["sig"]))
        weak = bool(flags & {"low_order_A", "non_canonical_A", "non_canonical_R"})
        yield not held if weak or flags & {"low_order_residue", "reencoded_k"} else held


def _note(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        VerifyKey(public, BOX.public.mldsa44).verify_note(message, signature)
    except (SealError, ValueError):
        return False
    return True


def hpke() -> Verdicts:
    """RFC 9180 base mode, every curve and cipher the library has: the first message opens."""
    for case in json.loads(library("HPKE/test-vectors.json")):
        kinds = _KEMS.get(case["kem_id"]), _KDFS.get(case["kdf_id"]), _AEADS.get(case["aead_id"])
        if case["mode"] or None in kinds:
            continue
        first, suite = case["encryptions"][0], Suite(*kinds)  # type: ignore[arg-type]
        sealed = unhex(case["enc"] + first["ct"])
        yield _opens(suite, case, sealed, unhex(first["aad"])) == unhex(first["pt"])


def _opens(suite: Suite, case: dict[str, Any], sealed: bytes, aad: bytes) -> bytes | None:
    secret = unhex(case["skRm"])
    number, info = int.from_bytes(secret, "big"), unhex(case["info"])
    keys: dict[int, Any] = {
        16: lambda: derive_private_key(number, SECP256R1()),
        18: lambda: derive_private_key(number, SECP521R1()),
        32: lambda: X25519PrivateKey.from_private_bytes(secret),
    }
    try:
        # The one-shot function takes no additional data; the vectors' first message has some.
        key = keys[case["kem_id"]]()
        return bytes(openssl.hpke._decrypt_with_aad(suite, sealed, key, info, aad))
    except (InvalidTag, ValueError):
        return None


def xwing() -> Verdicts:
    """The draft's X-Wing: our opening key has the published public half, our second reader the shared secret."""
    for case in json.loads(library("HPKE/hpke-pq-test-vectors.json")):
        if case["kem_id"] == _XWING:
            seed = unhex(case["skRm"])
            yield OpeningKey(seed).public.raw == unhex(case["pkRm"])
            yield second_keys._shared(seed, unhex(case["enc"])) == unhex(case["shared_secret"])


def sealing_keys() -> Verdicts:
    """Wycheproof's ML-KEM-768 keys, CCTV's above the modulus among them, as our SealingKey takes or refuses them."""
    curve = DIVISION.public.raw[MLKEM768_BYTES:]
    for _, case in wycheproof("Protocol/mlkem_768_encaps"):
        try:
            SealingKey(unhex(case["ek"]) + curve)
        except ValueError:
            yield case["result"] == "invalid"
            continue
        yield case["result"] == "valid"


def unreduced_keys() -> Verdicts:
    """Each of a key's 768 numbers in turn at the modulus: our SealingKey refuses every one."""
    good = DIVISION.public.raw
    for place in range(768):
        number = int.from_bytes(good[:1152], "little")
        number &= ~(0xFFF << 12 * place)
        number |= 3329 << 12 * place
        try:
            SealingKey(number.to_bytes(1152, "little") + good[1152:])
        except ValueError:
            yield True
            continue
        yield False


def inclusion() -> Verdicts:
    """RFC 6962 inclusion proofs of transparency-dev, through our verifier."""
    for case in vendored("merkle")["inclusion"]:
        proof = [_hash(one) for one in case["proof"] or ()]
        leaf, root = _hash(case["leafHash"]), _hash(case["root"])
        held = merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
        yield held != case["wantErr"]


def consistency() -> Verdicts:
    """RFC 6962 consistency proofs of transparency-dev, through our verifier; roots that are no hashes we refuse."""
    for case in vendored("merkle")["consistency"]:
        proof = [_hash(one) for one in case["proof"] or ()]
        roots = _hash(case["root1"]), _hash(case["root2"])
        held = merkle.verify_consistency(case["size1"], case["size2"], proof, *roots)
        hashes = all(len(root) == merkle.HASH_BYTES for root in roots)
        yield held != case["wantErr"] if hashes or case["wantErr"] else None


def _hash(written: str | None) -> bytes:
    return base64.b64decode(written or "")

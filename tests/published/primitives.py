"""Published suites for what the library does for us: key agreement, derivation, encryption, lattices."""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.published.files import blocks, library, wycheproof
from tests.support import second_reader
from tests.support.second_cbor import Refused

Verdicts = Iterator[bool | None]
"""One for each case: held, did not hold, or None where it is left open or refused by design."""

unhex = bytes.fromhex


def x25519() -> Verdicts:
    """RFC 7748 and Wycheproof: the shared secret; one of zeros is refused."""
    for case in blocks(library("asymmetric/X25519/rfc7748.txt")):
        if "input_scalar" in case and "output_u" in case and "input_u" in case:
            yield _agreed(case["input_scalar"], case["input_u"]) == unhex(case["output_u"])
    for _, case in wycheproof("Protocol/x25519"):
        made = _agreed(case["private"], case["public"])
        zeros = not any(unhex(case["shared"]))
        yield made is None if zeros else made == unhex(case["shared"])


def _agreed(private: str, public: str) -> bytes | None:
    key = X25519PrivateKey.from_private_bytes(unhex(private))
    try:
        return key.exchange(X25519PublicKey.from_public_bytes(unhex(public)))
    except ValueError:
        return None


def hkdf() -> Verdicts:
    """RFC 5869 and Wycheproof, SHA-256 and SHA-512."""
    for case in blocks(library("KDF/rfc-5869-HKDF-SHA256.txt")):
        if "okm" in case:
            yield _derived(SHA256(), case, len(case["okm"]) // 2) == unhex(case["okm"])
    kinds: tuple[tuple[str, HashAlgorithm], ...] = (("sha256", SHA256()), ("sha512", SHA512()))
    for name, algorithm in kinds:
        for _, one in wycheproof(f"Protocol/hkdf_{name}"):
            try:
                made = _derived(algorithm, one, one["size"])
            except ValueError:
                yield one["result"] == "invalid"
                continue
            yield (one["result"] != "invalid") == (made == unhex(one["okm"]))


def _derived(algorithm: HashAlgorithm, case: Mapping[str, Any], size: int) -> bytes:
    salt, info = unhex(case["salt"]) or None, unhex(case["info"])
    return HKDF(algorithm, size, salt=salt, info=info).derive(unhex(case["ikm"]))


def aes_gcm() -> Verdicts:
    """Wycheproof, every key size; a nonce under 8 or over 128 bytes is refused by the library."""
    for group, case in wycheproof("Cipher/aes_gcm"):
        nonce = unhex(case["iv"])
        if not 8 <= len(nonce) <= 128:
            yield None
            continue
        sealed, aad = unhex(case["ct"] + case["tag"]), unhex(case["aad"])
        try:
            plain = AESGCM(unhex(case["key"])).decrypt(nonce, sealed, aad)
        except (InvalidTag, ValueError):
            yield case["result"] == "invalid"
            continue
        yield case["result"] != "invalid" and plain == unhex(case["msg"]) and bool(group)


def chunked() -> Verdicts:
    """C2SP chunked-encryption with AES-256-GCM, through our second reader: its published vectors derive with SHA-256.

    The library has only the kind that derives with SHA-512, without published vectors: what it seals at each
    published length, the same reader opens. A case without bytes cannot be run.
    """
    for case in json.loads(library("chunked-encryption/vectors.json"))["vectors"]:
        if case["expect"] == "success" and case["aead"] == "AEAD_AES_256_GCM":
            yield _library_agrees(case["payload_length"])
        if case["aead"] != "AEAD_AES_256_GCM":
            continue
        if case["ciphertext"] is None:
            yield None
            continue
        data = base64.b64decode(case["ciphertext"])
        plain = _opened(case, zlib.decompress(data) if case.get("compressed") else data)
        if plain is None:
            yield case["expect"] != "success"
        else:
            digest = hashlib.sha256(plain).hexdigest()
            yield (case["expect"], case["payload_sha256"]) == ("success", digest)


def _opened(case: Mapping[str, Any], data: bytes) -> bytes | None:
    try:
        return second_reader.decrypt(
            unhex(case["key"]), case["context"].encode(), data, digest="sha256"
        )
    except Refused:
        return None


def _library_agrees(size: int) -> bool:
    content = hashlib.shake_256(b"published").digest(size)
    key, context = bytes(range(32)), b"context\x00"
    sealing = Cobblestone256Encryptor(key, context)
    sealed = sealing.update(content) + sealing.finalize()
    opening = Cobblestone256Decryptor(key, context)
    both = second_reader.decrypt(key, context, sealed), opening.update(sealed) + opening.finalize()
    return both == (content, content)


def mldsa() -> Verdicts:
    """ML-DSA-44: the known answers of FIPS 204 (key from seed, signature verified) and Wycheproof's."""
    for case in blocks(library("asymmetric/MLDSA/kat_MLDSA_44_det_pure.rsp")):
        public = MLDSA44PrivateKey.from_seed_bytes(unhex(case["xi"])).public_key()
        signature = unhex(case["sm"])[:2420]
        held = _held(public, signature, unhex(case["msg"]), unhex(case["ctx"]))
        yield held and public.public_bytes_raw() == unhex(case["pk"])
    for group, case in wycheproof("Signature/mldsa_44_verify"):
        try:
            public = MLDSA44PublicKey.from_public_bytes(unhex(group["publicKey"]))
        except ValueError:
            yield case["result"] == "invalid"
            continue
        context = unhex(case.get("ctx", ""))
        held = _held(public, unhex(case["sig"]), unhex(case["msg"]), context)
        yield held == (case["result"] == "valid")


def _held(key: MLDSA44PublicKey, signature: bytes, message: bytes, context: bytes) -> bool:
    try:
        key.verify(signature, message, context)
    except (InvalidSignature, ValueError):
        return False
    return True


def mlkem() -> Verdicts:
    """ML-KEM-768: FIPS 203's known answers and Wycheproof's: key from seed, secret out of a ciphertext."""
    for case in blocks(library("asymmetric/MLKEM/kat_MLKEM_768.rsp")):
        yield _kem(case["d"] + case["z"], case["pk"], case["ct"], case["ss"])
        yield _kem(case["d"] + case["z"], case["pk"], case["ct_n"], case["ss_n"])
    for _, case in wycheproof("Protocol/mlkem_768"):
        try:
            held = _kem(case["seed"], case.get("ek", ""), case["c"], case["K"])
        except ValueError:
            held = False
        yield held == (case["result"] == "valid")
    for _, case in wycheproof("Protocol/mlkem_768_keygen_seed"):
        key = MLKEM768PrivateKey.from_seed_bytes(unhex(case["seed"]))
        yield key.public_key().public_bytes_raw() == unhex(case["ek"])


def _kem(seed: str, public: str, sealed: str, secret: str) -> bool:
    key = MLKEM768PrivateKey.from_seed_bytes(unhex(seed))
    right = not public or key.public_key().public_bytes_raw() == unhex(public)
    return right and key.decapsulate(unhex(sealed)) == unhex(secret)


def argon2id() -> Verdicts:
    """RFC 9106 and the reference program's."""
    for case in blocks(library("KDF/argon2id.txt")):
        if "output" not in case:
            continue
        kdf = Argon2id(
            salt=unhex(case["salt"]),
            length=int(case["length"]),
            iterations=int(case["iter"]),
            lanes=int(case["lanes"]),
            memory_cost=int(case["memcost"]),
            ad=unhex(case.get("ad", "")) or None,
            secret=unhex(case.get("secret", "")) or None,
        )
        yield kdf.derive(unhex(case["pass"])) == unhex(case["output"])

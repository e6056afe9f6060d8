"""All published suites by name, and how one is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.published import ours, primitives
from tests.published.primitives import Verdicts

SUITES: Final[Mapping[str, Callable[[], Verdicts]]] = {
    "Ed25519: RFC 8032, Wycheproof": ours.ed25519,
    "Ed25519 edges: CCTV": ours.ed25519_edges,
    "HPKE base mode: RFC 9180": ours.hpke,
    "X-Wing: draft hpke-pq": ours.xwing,
    "ML-KEM-768 public keys: Wycheproof, CCTV": ours.sealing_keys,
    "ML-KEM-768 keys at the modulus: own": ours.unreduced_keys,
    "Merkle inclusion: RFC 6962": ours.inclusion,
    "Merkle consistency: RFC 6962": ours.consistency,
    "chunked-encryption: C2SP": primitives.chunked,
    "ML-DSA-44: FIPS 204, Wycheproof": primitives.mldsa,
    "ML-KEM-768: FIPS 203, Wycheproof": primitives.mlkem,
    "X25519: RFC 7748, Wycheproof": primitives.x25519,
    "HKDF: RFC 5869, Wycheproof": primitives.hkdf,
    "AES-GCM: Wycheproof": primitives.aes_gcm,
    "Argon2id: RFC 9106": primitives.argon2id,
}


@dataclass(frozen=True)
class Count:
    """How one suite went: cases in all, held, left open; `wrong` are the others' places."""

    name: str
    cases: int
    held: int
    left_open: int
    wrong: tuple[int, ...]


def count(name: str) -> Count:
    """Run one suite."""
    verdicts = list(SUITES[name]())
    wrong = tuple(place for place, held in enumerate(verdicts) if held is False)
    return Count(name, len(verdicts), verdicts.count(True), verdicts.count(None), wrong)

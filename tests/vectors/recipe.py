"""How a vector writes bytes: hexadecimal digits, `=` and base64 where they are many, or a recipe that makes them."""

import base64
import hashlib
import json
from collections.abc import Mapping
from itertools import groupby
from typing import Any, Final

# Runs of one byte at least this long are written as a recipe.
_RUN: Final = 48
# Longer bytes are compared by their hash, so that the files stay small.
SHOWN_MAX: Final = 256


def made(spec: Any, blobs: Mapping[str, Any]) -> bytes:
    """Return the bytes of a recipe; `blobs` are the file's own, by name."""
    if isinstance(spec, str):
        return base64.b64decode(spec[1:]) if spec[:1] == "=" else bytes.fromhex(spec)
    if isinstance(spec, list):
        return b"".join(made(one, blobs) for one in spec)
    if "blob" in spec:
        return made(blobs[spec["blob"]], blobs)
    if "repeat" in spec:
        return bytes.fromhex(spec["repeat"]) * int(spec["times"])
    if "shake256" in spec:
        return hashlib.shake_256(spec["shake256"].encode()).digest(spec["size"])
    return _changed(made(spec["of"], blobs), spec, blobs)


def _changed(data: bytes, spec: Mapping[str, Any], blobs: Mapping[str, Any]) -> bytes:
    if "flip" in spec:
        offset, bit = spec["flip"]
        changed = bytearray(data)
        changed[offset] ^= 1 << bit
        return bytes(changed)
    if "cut" in spec:
        return data[: spec["cut"]]
    offset, drop, put = spec["put"]
    return data[:offset] + made(put, blobs) + data[offset + drop :]


def resolved(spec: Any, blobs: Mapping[str, Any]) -> Any:
    """Return JSON in which every `{"$": name}` stands for the blob of that name."""
    if isinstance(spec, list):
        return [resolved(one, blobs) for one in spec]
    if not isinstance(spec, dict):
        return spec
    if spec.keys() == {"$"}:
        return resolved(blobs[spec["$"]], blobs)
    return {name: resolved(one, blobs) for name, one in spec.items()}


def text(spec: Any, blobs: Mapping[str, Any]) -> str:
    """Return text: as it stands, `{"repeat_text", "times"}`, `{"json"}`, or a list of these."""
    if isinstance(spec, list):
        return "".join(text(one, blobs) for one in spec)
    if isinstance(spec, dict) and "json" in spec:
        return json.dumps(resolved(spec["json"], blobs))
    return spec if isinstance(spec, str) else str(spec["repeat_text"]) * int(spec["times"])


def packed(data: bytes) -> Any:
    """Return a recipe of these bytes: hexadecimal digits, long runs of one byte told by their length."""
    pieces: list[Any] = []
    plain = b""
    for value, run in groupby(data):
        size = len(list(run))
        if size < _RUN:
            plain += bytes((value,)) * size
            continue
        pieces += [_written(plain)] * bool(plain)
        pieces.append({"repeat": f"{value:02x}", "times": size})
        plain = b""
    pieces += [_written(plain)] * bool(plain or not pieces)
    return pieces[0] if len(pieces) == 1 else pieces


def _written(data: bytes) -> str:
    return data.hex() if len(data) < _RUN else f"={base64.b64encode(data).decode()}"


def flipped(of: Any, offset: int, bit: int = 0) -> dict[str, Any]:
    """Return the recipe of bytes with one bit turned."""
    return {"of": of, "flip": [offset, bit]}


def cut(of: Any, size: int) -> dict[str, Any]:
    """Return the recipe of the first bytes (of all but the last ones, for a negative size)."""
    return {"of": of, "cut": size}


def put(of: Any, offset: int, drop: int, what: Any) -> dict[str, Any]:
    """Return the recipe of bytes with others put in the place of `drop` of them."""
    return {"of": of, "put": [offset, drop, what]}


def shake(words: str, size: int) -> dict[str, Any]:
    """Return the recipe of SHAKE256 over some words: bytes without a pattern."""
    return {"shake256": words, "size": size}


def shown(data: bytes) -> str:
    """Return bytes as an outcome names them: in hexadecimal digits, or by hash and length where they are many."""
    if len(data) <= SHOWN_MAX:
        return data.hex()
    return f"sha256:{hashlib.sha256(data).hexdigest()}:{len(data)}"


def plain(value: Any) -> Any:
    """Return a canonical value as JSON: bytes `{"hex"}`, maps `{"map"}`, numbers over 53 bits `{"int"}`."""
    if isinstance(value, bytes):
        return {"hex": shown(value)}
    if isinstance(value, dict):
        return {"map": [[key, plain(item)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 53:
        return {"int": str(value)}
    return value

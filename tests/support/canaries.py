"""What must not be found where nobody may read it: words of people, in every form a program might write them."""

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from provisioning.demo.samples.people import Person

TELLING = (
    "name",
    "name_kana",
    "insured_no",
    "address",
    "phone",
    "birth_date",
    "survey.contact",
    "consent_name",
)
SPLIT = ("name", "name_kana")
ENCODINGS = ("utf-8", "cp932", "euc_jp", "utf-16-le", "utf-16-be")
FEWEST_BYTES = 6
"""Below, sealed bytes hold a needle by chance: four bytes stand in 20 MB of chance once in two hundred needles."""
PIECE = 1 << 20
STREAM = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
STREAM_MOST = 1 << 18
STREAM_LEAST = 16


def words_of(people: Iterable[Person]) -> list[str]:
    """Return what tells who somebody is: numbers, names and their parts, addresses, telephones, days of birth."""
    found = []
    for person in people:
        found += [person.truth[key] for key in TELLING if key in person.truth]
        found += [part for key in SPLIT for part in person.truth[key].split("　")]
    return list(dict.fromkeys(word for word in found if word))


def needles(words: Iterable[str]) -> dict[bytes, str]:
    """Return every form of these words and what it is: encodings, base64 at each of its three offsets, hexadecimal."""
    found = {}
    for word in words:
        for encoding in ENCODINGS:
            data = word.encode(encoding, errors="ignore")
            found[data] = f"{word} ({encoding})"
        data = word.encode()
        found[data.hex().encode()] = f"{word} (hexadecimal)"
        found[data.hex().upper().encode()] = f"{word} (hexadecimal)"
        for offset in range(3):
            inner = base64.b64encode(bytes(offset) + data)[4 if offset else 0 :]
            whole = inner[: len(inner) - 4] if (len(data) + offset) % 3 else inner
            found[whole] = f"{word} (base64, {offset})"
            found[whole.translate(bytes.maketrans(b"+/", b"-_"))] = f"{word} (base64, {offset})"
    return {needle: what for needle, what in found.items() if len(needle) >= FEWEST_BYTES}


def forms_in_the_open(word: str) -> Iterator[bytes]:
    """Yield a word as careless programs would leave it: between other bytes, in every form that is looked for."""
    data = word.encode()
    for encoding in ENCODINGS:
        # A name with rare signs has hardly a byte in the older encodings.
        if len(written := word.encode(encoding, errors="ignore")) >= FEWEST_BYTES:
            yield b"\0\0" + written + b"\0"
    yield b"<" + data.hex().encode() + b">"
    for offset in range(3):
        yield base64.b64encode(b"abc"[:offset] + data + b"def")
    yield b"\0" + zlib.compress(b"answers: " + data * 2) + b"\0"


def seen_in(data: bytes, sought: dict[bytes, str]) -> set[str]:
    """Return what stands in some bytes, also inside the zlib streams that begin in them."""
    found = {what for needle, what in sought.items() if needle in data}
    for plain in _unpacked(data):
        found |= {f"{what}, in zlib" for needle, what in sought.items() if needle in plain}
    return found


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield what each thing that looks like a zlib stream unpacks to; most look so by chance and give nothing."""
    for at in STREAM.finditer(data):
        stream = zlib.decompressobj()
        try:
            plain = stream.decompress(data[at.start() : at.start() + STREAM_MOST], STREAM_MOST)
        except zlib.error:
            continue
        if len(plain) >= STREAM_LEAST:
            yield plain


def found_in(folders: Iterable[Path], sought: dict[bytes, str]) -> list[str]:
    """Return every place below these folders where a needle can be read, as "file: what"."""
    return [
        f"{path.name}: {what}"
        for folder in folders
        for path in sorted(one for one in folder.rglob("*") if one.is_file())
        for what in sorted(seen_in(path.read_bytes(), sought))
    ]


def found_in_image(image: Path, sought: dict[bytes, str]) -> list[str]:
    """Return what can be read in a disk's raw image, free space, journal and slack included."""
    found: set[str] = set()
    empty, kept = bytes(PIECE), b""
    longest = max(map(len, sought)) - 1
    with image.open("rb") as file:
        while piece := file.read(PIECE):
            if piece == empty[: len(piece)]:
                kept = b""
                continue
            found |= seen_in(kept + piece, sought)
            kept = piece[-longest:]
    return sorted(found)

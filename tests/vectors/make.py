"""`python -m tests.vectors.make`: writes the files of vectors anew.

HPKE, Cobblestone and ML-DSA draw their own randomness, so the bytes are others each time while names and outcomes stay.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.vectors import (
    bundles,
    canonicals,
    envelopes,
    headers,
    journals,
    locks,
    notes,
    papers,
    parts,
    records,
    witnesses,
)
from tests.vectors.bricks import Shelf

HERE: Final = Path(__file__).parent
MAKERS: Final[Sequence[Callable[[], Shelf]]] = (
    canonicals.shelf,
    headers.shelf,
    envelopes.shelf,
    parts.shelf,
    papers.shelf,
    journals.shelf,
    records.shelf,
    notes.shelf,
    locks.shelf,
    bundles.shelf,
    witnesses.shelf,
)


def write(shelf: Shelf, folder: Path = HERE) -> int:
    """Write one file, a vector a line; return its bytes."""
    content = shelf.content()
    lines = [json.dumps(one, ensure_ascii=False) for one in content.pop("vectors")]
    front = json.dumps(content, ensure_ascii=False, indent=1)[:-2]
    text = f'{front},\n "vectors": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n"
    (folder / f"{shelf.name}.json").write_text(text, encoding="utf-8")
    return len(text.encode())


def main(words: Sequence[str]) -> None:
    """Write the files whose makers' names are given; all of them without words."""
    count = size = 0
    for maker in MAKERS:
        shelf = maker()
        if words and shelf.name not in words:
            continue
        size += write(shelf)
        count += len(shelf.vectors)
        sys.stdout.write(f"{shelf.name}: {len(shelf.vectors)} vectors\n")
    sys.stdout.write(f"{count} vectors, {size:,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])

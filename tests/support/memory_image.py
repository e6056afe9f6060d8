"""What a process and all it started hold in memory, read through /proc as somebody with the running box would."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

PIECE = 16 * 1024 * 1024


def forms_of(word: str) -> tuple[bytes, ...]:
    """Return a word as a Python process may hold it: UTF-8, and the two inner widths of a str."""
    return tuple({word.encode(), word.encode("utf-16-le"), word.encode("utf-32-le")})


def hits(pid: int, needles: Mapping[str, tuple[bytes, ...]]) -> dict[str, int]:
    """Count where each needle stands in the memory of a process and of its children, and theirs."""
    found = dict.fromkeys(needles, 0)
    for one in _family(pid):
        for piece in _memory(one):
            for name, forms in needles.items():
                found[name] += sum(piece.count(form) for form in forms)
    return found


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text(encoding="ascii").split():
                yield from _family(int(child))


def _memory(pid: int) -> Iterator[bytes]:
    """Give every readable stretch, in pieces that overlap by more than a needle's length."""
    places = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in places.splitlines():
            span, rights, *_, name = [*line.split(maxsplit=5), ""][:7]
            if "r" not in rights or "[v" in name:
                continue
            start, end = (int(text, 16) for text in span.split("-"))
            for at in range(start, end, PIECE):
                with contextlib.suppress(OSError, ValueError):
                    memory.seek(at)
                    yield memory.read(min(PIECE + 256, end - at))

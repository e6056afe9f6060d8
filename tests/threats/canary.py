"""The canary hunt: a whole visit through the real processes, then a search wherever nobody may find a person.

    python -m tests.threats.canary [--people N] [--json]

Searched: the raw image of the bus's disk (a real ext4, temporary and deleted files too), swap, the logs, the shelves of
intake and city hall, the memory of uplink and intake. Then one word is planted in each of these and must be found.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from provisioning.demo.samples.stack import Stack
from tests.support.canaries import (
    forms_in_the_open,
    found_in,
    found_in_image,
    needles,
    seen_in,
    words_of,
)
from tests.support.memory_image import forms_of, hits
from tests.support.one_stop import draw_stack, sheets_of
from tests.support.real_disk import MISSING
from tests.support.stop_on_disk import StopOnDisk, play, stop_on_disk

SWAPS = Path("/proc/swaps")
KEYLESS = ("uplink", "intake")
HOLDER = "import sys, time; word = sys.argv[1] * 2; print('ready', flush=True); time.sleep(600)"


def in_swap() -> int:
    """Return how many swap areas this machine has: what lies in one is not looked at, so one is one too many."""
    return max(0, len(SWAPS.read_text(encoding="utf-8").splitlines()) - 1)


def in_memory(pids: Sequence[int], words: Sequence[str]) -> int:
    """Return how often any of these words stands in the memory of these processes."""
    wanted = {word: forms_of(word) for word in words}
    return sum(sum(hits(pid, wanted).values()) for pid in pids)


def planted(place: StopOnDisk, words: Sequence[str]) -> dict[str, bool]:
    """Plant a word in each place and return whether it was found there."""
    word = words[0]
    sought = needles([word])
    told = {
        f"form {n}": bool(seen_in(data, sought)) for n, data in enumerate(forms_in_the_open(word))
    }
    world = place.stop.world
    for name, folder in (("logs", world.data / "logs"), ("intake", world.hall_folder / "intake")):
        (folder / "planted").write_bytes(b"..".join(forms_in_the_open(word)))
        told[name] = found_in([folder], sought) != []
        (folder / "planted").unlink()
    if place.disk is not None:
        left = place.disk.folder / "planted"
        left.write_bytes(b"..".join(forms_in_the_open(word)) * 10)
        place.image()
        left.unlink()
        told["image"] = found_in_image(place.image() or Path(), sought) != []
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, word], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        told["memory"] = in_memory([holder.pid], [word]) > 0
        holder.kill()
    return told


async def hunt(folder: Path, stack: Stack) -> dict[str, Any]:
    """Play the visit and search; returns the counts, and why a place could not be looked at."""
    words = words_of(stack.people)
    sought = needles(words)
    async with stop_on_disk(folder, stack) as place:
        sheets = [sheets_of(stack, n)[0] for n in range(len(stack.people))]
        await play(place.stop, sheets, len(sheets))
        world, image = place.stop.world, place.image()
        keyless = [world.hall_folder / "mail", world.hall_folder / "intake"]
        found: dict[str, int | str] = {
            "box_image": MISSING if image is None else len(found_in_image(image, sought)),
            "box_files": len(found_in([world.bus_folder], sought)),
            "swap": in_swap(),
            "logs": len(found_in([world.data / "logs"], sought)),
            "intake": len(found_in(keyless, sought)),
            "memory": in_memory(place.pids(*KEYLESS), words),
        }
        teeth = planted(place, words)
    return {
        "people": len(stack.people),
        "words": len(words),
        "forms": len(sought),
        "handed_in": len(place.stop.known),
        "found": found,
        "planted": teeth,
        "planted_found_percent": 100.0 * sum(teeth.values()) / len(teeth),
    }


def main(arguments: list[str]) -> int:
    """Hunt and tell; 1 when anything was found, or a planted word was not."""
    parser = argparse.ArgumentParser(prog="python -m tests.threats.canary", description=__doc__)
    parser.add_argument("--people", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one object (the default)")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="madobus-canary-") as made:
        stack = draw_stack(Path(made) / "papers", given.people)
        told = asyncio.run(hunt(Path(made) / "stop", stack))
    sys.stdout.write(f"{json.dumps(told, ensure_ascii=False, indent=1)}\n")
    clean = not any(isinstance(count, int) and count for count in told["found"].values())
    return 0 if clean and all(told["planted"].values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

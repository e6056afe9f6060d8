"""What the link bench carries and over what: a made-up day of applications, and a mobile link drawn from a seed."""

import hashlib
import json
import math
import random
from pathlib import Path

PAGES = 3
PAGE_MIN, PAGE_MEDIAN, PAGE_MAX = 60_000, 106_000, 180_000
WORDS = ["renewal", "permit", "stop", "street", "mill", "harbour", "north", "form", "page", "clerk"]
PACKET = 1500
TICK_MS = 100


def make_day(folder: Path, applications: int, seed: int = 1) -> int:
    """Write `applications` folders (a record of about 2 kB, three pages) and manifest.json; returns the bytes."""
    items = []
    for number in range(1, applications + 1):
        dice = random.Random(f"{seed}/{number}")  # noqa: S311 - the same bytes every time
        name = f"app-{number:04}"
        files = {
            f"page-{page}.bin": dice.randbytes(_page_bytes(dice)) for page in range(1, PAGES + 1)
        }
        told = {
            "application": name,
            "answers": {f"q{at}": dice.choice(WORDS) for at in range(60)},
            "note": " ".join(dice.choices(WORDS, k=60)),
            "pages": {page: hashlib.sha256(data).hexdigest() for page, data in files.items()},
        }
        files["record.json"] = json.dumps(told, indent=1).encode()
        for file, data in files.items():
            place = folder / "items" / name / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
            digest = hashlib.sha256(data).hexdigest()
            items.append({"path": f"{name}/{file}", "bytes": len(data), "sha256": digest})
    total = sum(int(item["bytes"]) for item in items)
    (folder / "manifest.json").write_text(json.dumps({"bytes": total, "items": items}))
    return total


def _page_bytes(dice: random.Random) -> int:
    drawn = PAGE_MEDIAN * dice.lognormvariate(0, 0.28)
    return int(min(PAGE_MAX, max(PAGE_MIN, drawn)))


def draw_trace(path: Path, *, mbit_s: float, seconds: int, seed: int = 1) -> list[int]:
    """Write a link's moments (ms at which 1500 bytes may pass): a wandering rate, and silences of 1 to 6 s."""
    dice = random.Random(seed)  # noqa: S311 - the same link every time
    at, wander, credit, dark_until = [], 0.0, 0.0, 0.0
    for tick in range(seconds * 1000 // TICK_MS):
        now = tick * TICK_MS
        wander = 0.95 * wander + dice.gauss(0, 0.2)
        if dice.random() < TICK_MS / 45_000:  # a silence every 45 s or so
            dark_until = now + dice.uniform(1000, 6000)
        if now < dark_until:
            continue
        credit += mbit_s * 125 * TICK_MS * math.exp(wander) / PACKET
        whole = int(credit)
        credit -= whole
        at += [now + TICK_MS * step // whole for step in range(whole)]
    path.write_text("".join(f"{moment}\n" for moment in at))
    return at


def ideal_s(at: list[int], size: int, delay_s: float) -> float:
    """Return the first second by which `size` bytes can have crossed in full packets of 1448 bytes."""
    return at[math.ceil(size / 1448) - 1] / 1000 + delay_s

"""What other programs make of the same pages: QR decoders, and Tesseract on the true places of the values."""

import resource
import shutil
import subprocess
import time
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from bench._capture_loss import flattened
from bench._capture_truth import Capture
from papers.opening import Picture
from procedures.text import as_written

FIELDS = ("hihokensha_no", "birth", "valid_from", "valid_to", "level", "name", "tel")


@dataclass
class Peer:
    """One other program: how many it got right of how many, and its processor seconds a page."""

    name: str
    right: int
    asked: int
    seconds: float


def code_peers(pages: Sequence[Capture]) -> list[Peer]:
    """Let each decoder look for the code on every whole picture that has one."""
    asked = [page for page in pages if page.sample["qr"]]
    return [_decode(name, decoder, asked) for name, decoder in _decoders().items()]


def _decoders() -> dict[str, Callable[[Picture], list[str]]]:
    plain, aruco = cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()
    found: dict[str, Callable[[Picture], list[str]]] = {
        "cv2.QRCodeDetector": lambda grey: [plain.detectAndDecode(grey)[0]],
        "cv2.QRCodeDetectorAruco": lambda grey: [aruco.detectAndDecode(grey)[0]],
    }
    if shutil.which("zbarimg"):
        found["zbarimg"] = _zbar
    return found


def _zbar(grey: Picture) -> list[str]:
    _, data = cv2.imencode(".pgm", grey)
    done = subprocess.run(
        ["zbarimg", "-q", "--raw", "-"], input=data.tobytes(), capture_output=True, check=False
    )
    return done.stdout.decode("utf-8", "replace").split("\n")


def _decode(name: str, decoder: Callable[[Picture], list[str]], pages: Sequence[Capture]) -> Peer:
    right, begin = 0, time.process_time()
    for page in pages:
        grey = np.asarray(cv2.imread(str(page.path), cv2.IMREAD_GRAYSCALE), np.uint8)
        try:
            right += page.sample["qr"]["payload"] in decoder(grey)
        except cv2.error:
            continue
    return Peer(name, right, len(pages), (time.process_time() - begin) / max(1, len(pages)))


def tesseract(pages: Sequence[Capture]) -> Peer | None:
    """Read the values of every page with Tesseract, their places given; None where Japanese is not installed."""
    if not shutil.which("tesseract"):
        return None
    told = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, check=False
    )
    if "jpn" not in told.stdout.split():
        return None
    right = asked = 0
    spent = 0.0
    for page in pages:
        flat = flattened(page)
        for key in FIELDS:
            entry = page.sample["fields"].get(key)
            if entry is None or entry["style"] == "circle":
                continue
            asked += 1
            text, seconds = _read(flat.picture, flat.scale, entry)
            spent += seconds
            right += _bare(text) == _bare(entry["value"])
    return Peer("tesseract jpn, true places", right, asked, spent / max(1, len(pages)))


def _read(flat: Picture, scale: float, entry: dict[str, Any]) -> tuple[str, float]:
    x, y, width, height = (side * scale for side in entry["bbox_mm"])
    edge = round(0.8 * scale)
    cut = flat[
        max(0, round(y) - edge) : round(y + height) + edge,
        max(0, round(x) - edge) : round(x + width) + edge,
    ]
    _, data = cv2.imencode(".png", cv2.cvtColor(np.ascontiguousarray(cut), cv2.COLOR_RGB2GRAY))
    before = _children()
    done = subprocess.run(
        ["tesseract", "-", "-", "-l", "jpn", "--psm", "7"],
        input=data.tobytes(),
        capture_output=True,
        check=False,
        env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"},
    )
    return done.stdout.decode("utf-8", "replace"), _children() - before


def _children() -> float:

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _bare(text: str) -> str:

    return "".join(unicodedata.normalize("NFKC", as_written(text)).split())

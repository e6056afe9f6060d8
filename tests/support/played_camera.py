"""A camera played to the real driver: OpenCV's V4L2 code runs, the device is a file in memory."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_suffix(".c")
DEVICE = "/dev/video0"
NEEDS_COMPILER = pytest.mark.skipif(
    shutil.which("gcc") is None, reason="the played camera is compiled: gcc is not installed"
)


@dataclass(frozen=True, slots=True)
class PlayedCamera:
    """A folder of frames and the word that unplugs or hangs the camera."""

    library: Path
    frames: Path
    word: Path
    size: tuple[int, int] = (640, 480)
    fps: int = 30

    def say(self, word: str) -> None:
        """Say "unplugged", "hung", or nothing to play on."""
        self.word.write_text(word, encoding="utf-8")

    def grabber(self) -> Sequence[str]:
        """Return the command that runs the real grabber before this camera."""
        return (
            "env",
            f"LD_PRELOAD={self.library}",
            f"PLAYED_DEVICE={DEVICE}",
            f"PLAYED_FRAMES={self.frames}",
            f"PLAYED_WORD={self.word}",
            f"PLAYED_SIZE={self.size[0]}x{self.size[1]}",
            f"PLAYED_FPS={self.fps}",
            sys.executable,
            "-m",
            "hardware.camera.grabber",
        )


def compiled(folder: Path) -> Path:
    """Compile the played camera."""
    library = folder / "played_camera.so"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl"],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return library

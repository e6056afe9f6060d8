"""A real ext4 of its own in a file: its power can be cut in the middle of a system call, and mounted again."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SIZE_MIB = 24
MISSING = "an ext4 of its own needs root, loop devices and the right to mount"


@dataclass
class RealDisk:
    """An ext4 image and where it is mounted."""

    image: Path
    folder: Path

    def mount(self) -> bool:
        """Mount the image; False where that is not allowed."""
        command = ["mount", "-o", "loop,noatime", str(self.image), str(self.folder)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    def unmount(self) -> None:
        """Take it away."""
        subprocess.run(["umount", str(self.folder)], check=True)

    def power_back(self) -> None:
        """Mount again after a cut: ext4 replays its journal."""
        self.unmount()
        assert self.mount(), "the file system does not mount any more"

    def make_read_only(self) -> None:
        """Let the disk take nothing more, as a worn card does."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)

    def holds(self, words: bytes) -> bool:
        """Look for words in the raw image, free space and journal included."""
        return words in self.image.read_bytes()


@contextmanager
def real_disk(folder: Path) -> Iterator[RealDisk | None]:
    """Give a fresh ext4 for a block, or None where there can be none."""
    folder.mkdir(parents=True, exist_ok=True)
    disk = RealDisk(folder / "image", folder / "disk")
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        yield None
        return
    disk.folder.mkdir()
    with disk.image.open("wb") as file:
        file.truncate(SIZE_MIB << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(disk.image)], check=True)
    if not disk.mount():
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk.folder)], check=False)

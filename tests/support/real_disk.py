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
        """Take it away, whoever else still looks at it."""
        subprocess.run(["umount", "--lazy", str(self.folder)], check=False)

    def power_back(self) -> None:
        """Mount what reached the disk until the cut: ext4 replays its journal.

        It is a copy: another mount namespace of this machine may keep the old one alive, and dead as it is.
        """
        number = int(self.image.name.rpartition("-")[2]) + 1
        reached = self.image.with_name(f"image-{number}")
        subprocess.run(["cp", "--sparse=always", str(self.image), str(reached)], check=True)
        self.unmount()
        self.image.unlink()
        self.image = reached
        assert self.mount(), "the file system does not mount any more"

    def make_read_only(self) -> None:
        """Let the disk take nothing more, as a worn card does."""
        subprocess.run(["mount", "-o", "remount,ro", str(self.folder)], check=True)

    def holds(self, words: bytes) -> bool:
        """Look for words in the raw image, free space and journal included."""
        return words in self.image.read_bytes()


@contextmanager
def real_disk(folder: Path, size_mib: int = SIZE_MIB) -> Iterator[RealDisk | None]:
    """Give a fresh ext4 for a block, or None where there can be none."""
    folder.mkdir(parents=True, exist_ok=True)
    disk = RealDisk(folder / "image-0", folder / "disk")
    if os.geteuid() != 0 or shutil.which("mkfs.ext4") is None:
        yield None
        return
    disk.folder.mkdir()
    with disk.image.open("wb") as file:
        file.truncate(size_mib << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", str(disk.image)], check=True)
    if not disk.mount():
        yield None
        return
    try:
        yield disk
    finally:
        disk.unmount()

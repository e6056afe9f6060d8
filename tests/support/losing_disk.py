"""A disk of glass: a FUSE file system that keeps only what was synced, and can lose its power at any sync.

Bytes are durable after fsync of their file, names after fsync of their folder (POSIX promises no more). At a cut the
named processes are killed and everything not durable is gone ("drop"), or each unsynced 512-byte sector and a first
part of each folder's unsynced names survive by chance ("torn"). The mount stays: what stands there then is what
a machine finds when its power is back. `python -m tests.support.losing_disk MOUNT` is told what to do by JSON lines.
"""

import errno
import json
import os
import random
import signal
import stat
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import mfusepy as fuse

SECTOR = 512


@dataclass
class File:
    """One file's bytes as programs see them, as they are durable, and which sectors differ."""

    data: bytearray = field(default_factory=bytearray)
    durable: bytearray = field(default_factory=bytearray)
    dirty: set[int] = field(default_factory=set)
    mode: int = stat.S_IFREG | 0o644

    def write(self, data: bytes, at: int) -> None:
        """Put bytes; a hole before them reads as zeros."""
        self.resize(max(len(self.data), at + len(data)))
        self.data[at : at + len(data)] = data
        self.dirty |= set(range(at // SECTOR, (at + len(data) + SECTOR - 1) // SECTOR))

    def resize(self, size: int) -> None:
        """Cut or lengthen."""
        before = len(self.data)
        if size < before:
            del self.data[size:]
        else:
            self.data.extend(bytes(size - before))
        self.dirty |= set(range(min(before, size) // SECTOR, (max(before, size) - 1) // SECTOR + 1))

    def sync(self) -> None:
        """Make every changed sector durable; one that counts as clean is not written again."""
        size = len(self.data)
        self.durable = self.durable[:size] + bytes(max(0, size - len(self.durable)))
        for sector in self.dirty:
            place = slice(sector * SECTOR, min((sector + 1) * SECTOR, size))
            self.durable[place] = self.data[place]
        self.dirty.clear()

    def fail(self) -> None:
        """Do what a kernel does when it cannot write: tell it once, and count the pages as clean from then on."""
        self.dirty.clear()

    def lose(self, luck: random.Random | None) -> None:
        """Fall back to what is durable; with luck some of the other sectors are there too."""
        kept = bytearray(self.durable)
        if luck is not None and self.dirty:
            if luck.random() < 0.5:
                size = len(self.data)
                kept = kept[:size] + bytes(max(0, size - len(kept)))
            for sector in sorted(self.dirty):
                start, end = sector * SECTOR, min((sector + 1) * SECTOR, len(self.data), len(kept))
                if end > start and luck.random() < 0.5:
                    kept[start:end] = self.data[start:end]
        self.data, self.durable = kept, bytearray(kept)
        self.dirty.clear()


@dataclass
class Folder:
    """One folder's names as programs see them, as they are durable, and the steps between."""

    names: dict[str, "File | Folder"] = field(default_factory=dict)
    durable: dict[str, "File | Folder"] = field(default_factory=dict)
    steps: list[dict[str, "File | Folder | None"]] = field(default_factory=list)
    mode: int = stat.S_IFDIR | 0o755

    def put(self, change: dict[str, "File | Folder | None"]) -> None:
        """Change names in one step, as a rename does."""
        self.steps.append(change)
        _apply(self.names, change)

    def sync(self) -> None:
        """Make the names durable."""
        self.durable = dict(self.names)
        self.steps.clear()

    def lose(self, luck: random.Random | None) -> None:
        """Fall back to the durable names; with luck the first few steps after them happened too."""
        for change in self.steps[: luck.randint(0, len(self.steps)) if luck else 0]:
            _apply(self.durable, change)
        self.names = dict(self.durable)
        self.steps.clear()
        for inside in self.names.values():
            inside.lose(luck)


def _apply(names: dict[str, Any], change: dict[str, "File | Folder | None"]) -> None:
    for name, what in change.items():
        if what is None:
            names.pop(name, None)
        else:
            names[name] = what


@dataclass
class Trouble:
    """What is wrong with the disk just now. `cut_at`, `fail_at`: the number of a sync, counted from 1."""

    cut_at: int = 0
    torn: bool = False
    seed: int = 0
    victims: tuple[int, ...] = ()
    fail_at: int = 0
    slow_s: float = 0.0
    error: int = 0


class GlassDisk(fuse.Operations):
    """The file system."""

    use_ns = True

    def __init__(self) -> None:
        self._root = Folder()
        self._trouble = Trouble()
        self._guard = threading.RLock()
        self._open: dict[int, tuple[int, File]] = {}
        self._handles = 0
        self._life = 0
        self.syncs = 0
        self.is_cut = False

    def told(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what the test says; answers the number of syncs and whether the power went."""
        with self._guard:
            answer = {"syncs": self.syncs, "cut": self.is_cut}
            if request["do"] == "format":
                self._root, self._life = Folder(), self._life + 1
            elif request["do"] == "cut":
                self._cut()
            elif request["do"] == "trouble":
                told = request["trouble"]
                self._trouble = Trouble(**{**told, "victims": tuple(told["victims"])})
                self.syncs, self.is_cut = 0, False
            return answer

    # Names.

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:  # noqa: D102 - FUSE's own words
        node = self._file(fh) if fh else self._find(path)
        size = len(node.data) if isinstance(node, File) else 0
        owner = {"st_uid": os.getuid(), "st_gid": os.getgid()}
        return {"st_mode": node.mode, "st_nlink": 1, "st_size": size, "st_mtime": 0, **owner}

    def readdir(self, path: str, _fh: int) -> list[str]:  # noqa: D102
        return [".", "..", *self._folder(path).names]

    def mkdir(self, path: str, mode: int) -> int:  # noqa: D102
        return self._name(path, Folder(mode=stat.S_IFDIR | mode))

    def rmdir(self, path: str) -> int:  # noqa: D102
        if self._folder(path).names:
            raise fuse.FuseOSError(errno.ENOTEMPTY)
        return self._name(path, None)

    def unlink(self, path: str) -> int:  # noqa: D102
        return self._name(path, None)

    def rename(self, old: str, new: str) -> int:  # noqa: D102
        with self._guard:
            self._writable()
            node = self._find(old)
            (old_folder, old_name), (new_folder, new_name) = self._place(old), self._place(new)
            if old_folder is new_folder:
                old_folder.put({old_name: None, new_name: node})
            else:
                new_folder.put({new_name: node})
                old_folder.put({old_name: None})
        return 0

    def chmod(self, path: str, mode: int) -> int:  # noqa: D102
        node = self._find(path)
        node.mode = stat.S_IFMT(node.mode) | mode
        return 0

    def chown(self, _path: str, _uid: int, _gid: int) -> int:  # noqa: D102
        return 0

    def utimens(self, _path: str, _times: object = None) -> int:  # noqa: D102
        return 0

    def statfs(self, _path: str) -> dict[str, int]:  # noqa: D102
        room = 1 << 20
        return {
            "f_bsize": 4096,
            "f_frsize": 4096,
            "f_blocks": room,
            "f_bfree": room,
            "f_bavail": room,
        }

    # Bytes.

    def create(self, path: str, mode: int, _flags: object = None) -> int:  # noqa: D102
        self._name(path, File(mode=stat.S_IFREG | mode))
        return self.open(path, 0)

    def open(self, path: str, _flags: int) -> int:  # noqa: D102
        with self._guard:
            node = self._find(path)
            if not isinstance(node, File):
                raise fuse.FuseOSError(errno.EISDIR)
            self._handles += 1
            self._open[self._handles] = (self._life, node)
            return self._handles

    def release(self, _path: str, fh: int) -> int:  # noqa: D102
        self._open.pop(fh, None)
        return 0

    def read(self, _path: str, size: int, offset: int, fh: int) -> bytes:  # noqa: D102
        return bytes(self._file(fh).data[offset : offset + size])

    def write(self, _path: str, data: bytes, offset: int, fh: int) -> int:  # noqa: D102
        with self._guard:
            self._writable()
            self._file(fh).write(data, offset)
        return len(data)

    def truncate(self, path: str, length: int, fh: int | None = None) -> int:  # noqa: D102
        with self._guard:
            self._writable()
            node = self._file(fh) if fh else self._find(path)
            if isinstance(node, File):
                node.resize(length)
        return 0

    # Syncs.

    def fsync(self, _path: str, _data_only: int, fh: int) -> int:  # noqa: D102
        return self._sync(self._file(fh))

    def fsyncdir(self, path: str, _data_only: int, _fh: int) -> int:  # noqa: D102
        return self._sync(self._folder(path))

    def _sync(self, node: File | Folder) -> int:
        trouble = self._trouble
        if trouble.slow_s:
            time.sleep(trouble.slow_s)
        with self._guard:
            self.syncs += 1
            if self.syncs == trouble.cut_at:
                self._cut()
                raise fuse.FuseOSError(errno.EIO)
            if self.syncs == trouble.fail_at:
                if isinstance(node, File):
                    node.fail()
                raise fuse.FuseOSError(errno.EIO)
            node.sync()
        return 0

    def _cut(self) -> None:
        trouble = self._trouble
        for victim in trouble.victims:
            os.kill(victim, signal.SIGKILL)
        self._root.sync()  # the mount itself stands
        luck = random.Random(trouble.seed)  # noqa: S311 - the same luck for the same seed
        self._root.lose(luck if trouble.torn else None)
        self._life += 1
        self.is_cut = True
        self._trouble = Trouble()

    # Where things are.

    def _writable(self) -> None:
        if self._trouble.error:
            raise fuse.FuseOSError(self._trouble.error)

    def _name(self, path: str, node: File | Folder | None) -> int:
        with self._guard:
            self._writable()
            folder, name = self._place(path)
            if node is None and name not in folder.names:
                raise fuse.FuseOSError(errno.ENOENT)
            folder.put({name: node})
        return 0

    def _place(self, path: str) -> tuple[Folder, str]:
        above, _, name = path.rpartition("/")
        return self._folder(above or "/"), name

    def _folder(self, path: str) -> Folder:
        node = self._find(path)
        if not isinstance(node, Folder):
            raise fuse.FuseOSError(errno.ENOTDIR)
        return node

    def _find(self, path: str) -> File | Folder:
        node: File | Folder = self._root
        for name in path.split("/"):
            if name:
                inside = node.names.get(name) if isinstance(node, Folder) else None
                if inside is None:
                    raise fuse.FuseOSError(errno.ENOENT)
                node = inside
        return node

    def _file(self, fh: int) -> File:
        """Return an open file; what was opened before a cut is dead."""
        life, node = self._open.get(fh, (-1, File()))
        if life != self._life:
            raise fuse.FuseOSError(errno.EIO)
        return node


def main() -> None:
    """Serve the mount until it is taken away; answer each line of standard input."""
    disk = GlassDisk()

    def listen() -> None:
        for line in sys.stdin:
            print(json.dumps(disk.told(json.loads(line))), flush=True)  # noqa: T201 - the answer

    threading.Thread(target=listen, daemon=True).start()
    fuse.FUSE(
        disk,
        sys.argv[1],
        foreground=True,
        nothreads=False,
        attr_timeout=0,
        entry_timeout=0,
        negative_timeout=0,
        ac_attr_timeout=0,
        hard_remove=True,
    )


if __name__ == "__main__":
    main()

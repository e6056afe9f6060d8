"""What a process costs: processor seconds, memory, and a share of a core that it may not exceed."""

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PERIOD_US = 20_000
GROUPS = Path("/sys/fs/cgroup")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the user and system seconds of a process with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def family_seconds(pid: int) -> float:
    """Return the seconds of a process, its children that live and those it waited for (PostgreSQL's workers)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    waited = (int(fields[13]) + int(fields[14])) / TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    living = 0.0
    for child in children:
        with contextlib.suppress(FileNotFoundError):
            living += cpu_seconds(int(child))
    return cpu_seconds(pid) + waited + living


def peak_mb(pid: int) -> float:
    """Return the most resident memory a process ever had, in MB (2^20 bytes)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("bench: /proc has no VmHWM; this kernel cannot be measured")


@dataclass(frozen=True, slots=True)
class Quota:
    """A control group with a share of one core."""

    folder: Path

    def hold(self, pid: int) -> None:
        """Put a process into the group."""
        (self.folder / "cgroup.procs").write_text(str(pid))


@contextmanager
def quota(name: str, share: float) -> Iterator[Quota | None]:
    """Give a group that may use `share` of one core, or None where this user may make none."""
    old = GROUPS / "cpu"
    folder = (old if old.is_dir() else GROUPS) / f"madobus-bench-{os.getpid()}-{name}"
    allowed = int(share * PERIOD_US)
    try:
        folder.mkdir()
        if old.is_dir():
            (folder / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (folder / "cpu.cfs_quota_us").write_text(str(allowed))
        else:
            (folder / "cpu.max").write_text(f"{allowed} {PERIOD_US}")
    except OSError:
        with contextlib.suppress(OSError):
            folder.rmdir()
        yield None
        return
    try:
        yield Quota(folder)
    finally:
        with contextlib.suppress(OSError):
            folder.rmdir()

"""On what and of what the figures were taken: the commit, the machine, the moment."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path


def about(root: Path) -> dict[str, str]:
    """Return `commit` (with "+" where files differ from it), `machine` and `date`."""
    return {
        "commit": _commit(root),
        "machine": _machine(),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _commit(root: Path) -> str:
    head = _git(root, "rev-parse", "HEAD")
    return "unknown" if not head else head + ("+" if _git(root, "status", "--porcelain") else "")


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, text=True, check=False, timeout=60
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    return (
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, load {load:.1f} at the end"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()

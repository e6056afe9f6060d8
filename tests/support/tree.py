"""The project's own files, as git and the eye see them."""

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "procedures",
    "screens",
    "keeping",
    "papers",
    "sync",
    "hardware",
    "appliance",
    "cityhall",
    "provisioning",
)

MADE_BY_TOOLS = {
    ".git",
    ".venv",
    ".tools",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
}


def python_files() -> list[Path]:
    """Every Python file of the rooms."""
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def tracked_files() -> list[Path]:
    """Every file in the repository; without git, every file that no tool made."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        found = (path for path in ROOT.rglob("*") if path.is_file())
        return [path for path in found if not MADE_BY_TOOLS & set(path.relative_to(ROOT).parts)]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]

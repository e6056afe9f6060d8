"""The project's own files, as git and the eye see them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "procedures",
    "screens",
    "keeping",
    "sync",
    "hardware",
    "appliance",
    "cityhall",
    "provisioning",
)


def python_files() -> list[Path]:
    """Every Python file of the rooms."""
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def tracked_files() -> list[Path]:
    """Every file in the repository; where there is no git, every file of the rooms and docs."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]

"""Other people's upload clients in Node: installed once beside the tools, from the lock in tests/clients."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "tests" / "clients"
PLACE = ROOT / ".tools" / "clients"
INSTALL_S = 180
FILES = ("package.json", "package-lock.json", ".npmrc")


def installed() -> Path:
    """Return the folder with node_modules; skips with a sentence where node, npm or the packages cannot be had."""
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            pytest.skip(f"needs {tool} (Debian: nodejs, npm) for other people's upload clients")
    digest = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()
    PLACE.mkdir(parents=True, exist_ok=True)
    stamp = PLACE / "installed"
    with (PLACE / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # test workers run beside each other
        if not stamp.exists() or stamp.read_text() != digest:
            _install()
            stamp.write_text(digest)
    return PLACE / "node_modules"


def _install() -> None:
    for name in FILES:
        shutil.copy(SOURCE / name, PLACE / name)
    line = ["npm", "ci", "--fetch-retries=1", "--fetch-timeout=20000"]
    try:
        subprocess.run(line, cwd=PLACE, check=True, capture_output=True, timeout=INSTALL_S)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        pytest.skip(
            f"npm ci did not bring tus-js-client ({type(error).__name__}); is there a network?"
        )


def upload(order: dict[str, Any]) -> list[int | None]:
    """Let tus-js-client upload what the order says; return where each upload was resumed."""
    done = subprocess.run(
        ["node", str(SOURCE / "upload.cjs")],
        input=json.dumps(order),
        env={**os.environ, "NODE_PATH": str(installed())},
        capture_output=True,
        text=True,
        check=False,
        timeout=INSTALL_S,
    )
    assert done.returncode == 0, done.stderr
    told: list[int | None] = json.loads(done.stdout)
    return told

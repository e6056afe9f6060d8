"""The browser of this machine, or a skipped test with the command that brings it."""

import ctypes.util
import shutil

import pytest
from playwright.async_api import expect

# A busy machine is slow, not wrong: what a screen must show may take this long to show.
PATIENCE_MS = 60_000


def chromium_program() -> str:
    """Return Chromium's path, and make `expect` patient; skips where it, or a library its driver needs, is missing."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium")
    if ctypes.util.find_library("atomic") is None:
        pytest.skip("the browser's driver needs libatomic: apt-get install libatomic1")
    expect.set_options(timeout=PATIENCE_MS)
    return program

"""A software TPM 2.0 as a process: state in a folder, cut off like a chip without current, started again."""

import shutil
import subprocess
import time
from pathlib import Path

from hardware.tpm.tpm2 import Tpm2

START_S = 60.0
PROGRAM = shutil.which("swtpm")
WITHOUT = "swtpm is not installed (Debian package swtpm)"


class Swtpm:
    """One software chip; `folder` is given whole, so that its state can be copied as a thief would."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "tpm"
        self.state.mkdir(parents=True, exist_ok=True)
        self._socket = folder / "tpm.socket"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def setting(self) -> str:
        """What `desk.tpm` says for this chip."""
        return f"socket:{self._socket}"

    @property
    def driver(self) -> Tpm2:
        """The product's own driver on this chip."""
        return Tpm2(self.setting)

    def start(self) -> None:
        """Give it current; returns once it listens."""
        self._socket.unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [
                str(PROGRAM),
                "socket",
                "--tpm2",
                *("--tpmstate", f"dir={self.state.resolve()}"),
                *("--server", f"type=unixio,path={self._socket.resolve()}"),
                *("--flags", "not-need-init,startup-clear"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + START_S
        # The socket is there a moment before anybody listens on it.
        while not self.driver.present():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("swtpm did not start")
            time.sleep(0.01)

    def cut(self) -> None:
        """Take its current away without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def copied_to(self, folder: Path) -> "Swtpm":
        """Return a second chip with what this one has in its memory that lasts."""
        shutil.copytree(self.state, folder / "tpm")
        return Swtpm(folder)

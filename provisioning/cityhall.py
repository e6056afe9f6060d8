"""`madobus cityhall [intake|office|switchboard]`: one process of city hall, or all three side by side."""

import importlib
import subprocess
import sys

ROOMS = ("intake", "office", "switchboard")


def main(argv: list[str]) -> int:
    """Run one room here, or start all three and end when the first of them ends."""
    if argv and argv[0] in ROOMS:
        room = importlib.import_module(f"cityhall.{argv[0]}.__main__")
        code: int = room.main(argv[1:])
        return code
    running = [
        subprocess.Popen([sys.executable, "-m", f"cityhall.{room}", *argv]) for room in ROOMS
    ]
    try:
        while all(process.poll() is None for process in running):
            for process in running:
                try:
                    process.wait(timeout=0.5)
                except subprocess.TimeoutExpired:
                    continue
    except KeyboardInterrupt:
        pass
    finally:
        for process in running:
            process.terminate()
    return max(process.wait() for process in running)

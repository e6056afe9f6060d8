"""The folder of a real shelf under a simulated disk: opened by each run of its machine, copied by a backup."""

import shutil
import tempfile
from pathlib import Path
from typing import Protocol


class Closing(Protocol):
    """A store that holds files open."""

    def close(self) -> None:
        """Let go of them."""


class Home:
    """A folder inside `under`; whoever made `under` removes it."""

    def __init__(self, under: Path) -> None:
        self.path = Path(tempfile.mkdtemp(dir=under))
        self._under = under
        self._stores: list[Closing] = []

    def holds(self, store: Closing) -> None:
        """Remember a store that is open on this folder."""
        self._stores.append(store)

    def close(self) -> None:
        """Close every store."""
        while self._stores:
            self._stores.pop().close()

    def copy(self) -> "Home":
        """Return a copy of the folder; a store that is open has nothing in its memory then."""
        for store in self._stores:
            store.close()
        made = Home(self._under)
        shutil.copytree(self.path, made.path, dirs_exist_ok=True)
        return made

    def files(self, folder: str) -> dict[str, bytes]:
        """Return every file below a folder, by its path there."""
        root = self.path / folder
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

"""City hall beyond one machine: intakes of one city on one PostgreSQL and one object store."""

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from cityhall.config import HallSettings
from cityhall.mail.opening import open_hall_mail
from provisioning.settings_text import toml_text
from tests.support.house_process import running
from tests.support.houses import Hall
from tests.support.object_store import ObjectStore


class SharedHall(Hall):
    """A hall whose settings name the shared stores; `mail` is the office's view of them."""

    def on(self, database: str, store: ObjectStore) -> None:
        """Move the shelf to these stores."""
        self.mail.close()
        self._stores = {"mail_database": database, "blobs": store.url, "blobs_keys": store.keys}
        self.mail = open_hall_mail(self.settings())

    def settings(self, name: str = "intake") -> HallSettings:
        """Return the settings of one intake."""
        return HallSettings.model_validate(self._sections(name))

    def _sections(self, name: str) -> dict[str, Any]:
        found = super().settings().model_dump(exclude_none=True)
        del found["mail"]
        found["intake"]["name"] = name
        return {**found, **self._stores}

    @asynccontextmanager
    async def process(self, name: str) -> AsyncIterator["IntakeProcess"]:
        """Run an intake as a process of its own."""
        sections = self._sections(name)
        rooms = {key: value for key, value in sections.items() if isinstance(value, dict)}
        top = {key: value for key, value in sections.items() if key not in rooms}
        path = self.folder / f"{name}.toml"
        path.write_text(toml_text({"": top, **rooms}))
        async with running("cityhall.intake", ["--config", str(path)]) as process:
            port = int(str(process.facts["address"]).rsplit(":", 1)[1])
            yield IntakeProcess(port, process.process.pid)


class IntakeProcess:
    """A running intake."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self._pid = pid

    def kill(self) -> None:
        """End it without a word."""
        os.kill(self._pid, signal.SIGKILL)

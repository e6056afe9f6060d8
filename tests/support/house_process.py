"""One real process of the house: started, waited for by its ready line, and stopped."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

START_S = 60.0
STOP_S = 60.0


@dataclass
class Running:
    """A process that said it is ready, and what it said."""

    process: asyncio.subprocess.Process
    facts: dict[str, Any]

    async def stop(self) -> int:
        """Ask it to end; its exit code."""
        if self.process.returncode is None:
            self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), STOP_S)


@asynccontextmanager
async def running(
    module: str, arguments: Sequence[str], under: Sequence[str] = ()
) -> AsyncIterator[Running]:
    """Run `python -m module` until the end of the block, `under` a command that becomes it."""
    process = await asyncio.create_subprocess_exec(
        *under, sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_S)
        word, _, facts = line.decode().partition(" ")
        assert word == "ready", line
        yield Running(process, json.loads(facts))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()

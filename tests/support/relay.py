"""A line between two processes that a test can cut, hold or slow: TCP to TCP on loopback."""

import asyncio
import contextlib


class Relay:
    """Passes bytes from its own port to `target`; counts them, cuts after a number of bytes upward, or holds."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.upward = 0
        self.connections = 0
        self.cut_after: int | None = None
        self.slow_s = 0.0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._held: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse new connections and break the open ones."""
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break every open connection."""
        for writer in list(self._writers):
            writer.transport.abort()

    def hold(self) -> None:
        """Swallow everything on the open connections; new ones are not held."""
        self._held |= self._writers

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        with contextlib.suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            self._writers.add(far_writer)
            try:
                await asyncio.gather(
                    self._copy(reader, far_writer, upward=True),
                    self._copy(far_reader, writer, upward=False),
                )
            finally:
                far_writer.transport.abort()
                self._writers.discard(far_writer)
        writer.transport.abort()
        self._writers.discard(writer)

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, upward: bool
    ) -> None:
        try:
            while data := await reader.read(4096):
                if upward:
                    self.upward += len(data)
                    if self.cut_after is not None and self.upward >= self.cut_after:
                        self.cut_after = None
                        self.cut()
                        return
                if self.slow_s:
                    await asyncio.sleep(self.slow_s)
                if writer in self._held:
                    continue
                writer.write(data)
                await writer.drain()
        finally:
            writer.transport.abort()

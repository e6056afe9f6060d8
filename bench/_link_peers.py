"""Two ways others would carry the same files: an HTTPS request for each, and rsync to its daemon."""

import asyncio
import os
import shutil
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from aiohttp import web

from bench._link_rig import Work, until
from provisioning.city import found_city

RSYNC = shutil.which("rsync")
RSYNCD = """use chroot = no
port = {port}
address = 127.0.0.1
[store]
path = {store}
read only = no
uid = {uid}
gid = {gid}
"""
LARGEST = 1 << 24


async def https(work: Work) -> Callable[[], Awaitable[None]]:
    """One POST an item over one kept connection, records first; each durable before its answer."""
    city = found_city(work.folder / "city", "盛岡市", datetime.now(UTC), ("127.0.0.1",))
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(city.folder / "intake" / "tls.pem", city.folder / "intake" / "tls.key")

    async def post(request: web.Request) -> web.Response:
        data = await request.read()
        await asyncio.to_thread(_land, work.store / request.match_info["path"], data)
        return web.Response(status=201)

    application = web.Application(client_max_size=LARGEST)
    application.router.add_post("/{path:.+}", post)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", work.hall_port, ssl_context=tls).start()

    async def send() -> None:
        try:
            await _post_all(work, ssl.create_default_context(cafile=city.authority_path))
        finally:
            await runner.cleanup()

    return send


async def _post_all(work: Work, tls: ssl.SSLContext) -> None:
    items = work.folder / "bus" / "items"
    paths = sorted(items.rglob("*.*"), key=lambda path: ("record" not in path.name, str(path)))
    async with aiohttp.ClientSession() as session:
        for path in paths:
            url = f"https://127.0.0.1:{work.dial_port}/{path.relative_to(items)}"
            async with session.post(url, data=path.read_bytes(), ssl=tls) as answer:
                answer.raise_for_status()


def _land(target: Path, data: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    half = target.with_name(f".{target.name}")
    with half.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    half.rename(target)


async def rsync(work: Work) -> Callable[[], Awaitable[None]]:
    """Rsync's own protocol, unencrypted, first the records and then everything."""
    config = work.folder / "rsyncd.conf"
    facts = {"port": work.hall_port, "store": work.store, "uid": os.getuid(), "gid": os.getgid()}
    config.write_text(RSYNCD.format(**facts))
    await work.start(str(RSYNC), "--daemon", "--no-detach", f"--config={config}")
    await until(lambda: _answers(work.hall_port), 10)
    command = [str(RSYNC), "-a", f"--port={work.dial_port}"]
    ways = [f"{work.folder}/bus/items/", "rsync://127.0.0.1/store/"]

    async def send() -> None:
        records = ["--include=*/", "--include=record*", "--exclude=*"]
        for rules in (records, []):
            await (await work.start(*command, *rules, *ways)).wait()

    return send


def _answers(port: int) -> bool:
    import socket  # noqa: PLC0415 - the only use

    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0

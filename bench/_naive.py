"""The naive peer of `bench intake`: HTTPS POST of each record, verified, one row, one commit, one answer.

python -m bench._naive CITY DATABASE     (DATABASE: a file for SQLite, or postgresql://...)
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pysqlite3.dbapi2 as sqlite
from aiohttp import web

from cityhall.intake.certified import certified_name
from cityhall.intake.door import server_context
from provisioning.city import City
from sync.verify import verify_slip

CONNECTIONS = 8

Insert = Callable[[bytes, bytes], Awaitable[int]]


def on_sqlite(path: str) -> Insert:
    """Return what inserts one row and commits it, as durable as the intake's own."""
    connection = sqlite.connect(path, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(
        "CREATE TABLE record (serial INTEGER PRIMARY KEY, env_id BLOB UNIQUE, slip BLOB)"
    )
    one_at_a_time = asyncio.Lock()

    def insert(env_id: bytes, slip: bytes) -> int:
        row = connection.execute("INSERT INTO record (env_id, slip) VALUES (?, ?)", (env_id, slip))
        return int(row.lastrowid or 0)

    async def inserted(env_id: bytes, slip: bytes) -> int:
        async with one_at_a_time:
            return await asyncio.to_thread(insert, env_id, slip)

    return inserted


async def on_postgres(url: str) -> Insert:
    """Return what inserts one row over one of a few connections and commits it."""
    free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(await psycopg.AsyncConnection.connect(url))
    first = free.get_nowait()
    await first.execute(
        "CREATE TABLE IF NOT EXISTS record (serial SERIAL PRIMARY KEY, env_id BYTEA UNIQUE, slip BYTEA)"
    )
    await first.commit()
    free.put_nowait(first)

    async def inserted(env_id: bytes, slip: bytes) -> int:
        connection = await free.get()
        try:
            row = await connection.execute(
                "INSERT INTO record (env_id, slip) VALUES (%s, %s) RETURNING serial", (env_id, slip)
            )
            [number] = await row.fetchone() or [0]
            await connection.commit()
            return int(number)
        finally:
            free.put_nowait(connection)

    return inserted


async def serve(city: City, database: str) -> None:
    """Serve until the end."""
    insert = await on_postgres(database) if "://" in database else on_sqlite(database)
    devices = {device.name: device for device in city.bundle().devices}

    async def post(request: web.Request) -> web.Response:
        slip = await request.read()
        if not slip:
            return web.json_response({})
        header = verify_slip(slip, devices[certified_name(request)].verify)
        number = await insert(header.env_id, slip)
        return web.json_response({"number": number})

    app = web.Application()
    app.router.add_post("/", post)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    folder = city.folder / "intake"
    tls = server_context(folder / "tls.pem", folder / "tls.key", city.authority_path)
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    address = f"https://127.0.0.1:{runner.addresses[0][1]}"
    print(f"ready {json.dumps({'process': 'naive', 'address': address})}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(City(Path(sys.argv[1])), sys.argv[2]))

"""The provider's list: bring a file, say which column is which, see what was taken of it and what was not."""

import asyncio
import hmac
from pathlib import Path

from aiohttp import BodyPartReader, web

from appliance.desk.partners import Refused
from appliance.desk.providerlist.columns import fields_of
from appliance.desk.providerlist.lists import LISTS_MAX
from appliance.desk.providerlist.table import BYTES_MAX, COLUMNS_MAX
from appliance.desk.web.pressing import button, page
from appliance.desk.web.room import Room
from screens.language import language_of

PATH = "/lists"
"""Where files are posted to. Its form is read here, in memory and in bounds, and its token compared here:
the usual way would put what is posted into a file on the disk."""

TOKEN_MAX = 200
DRAIN_MAX = 64 * 1024 * 1024
"""Bytes of a file too large that are still read, so that the browser hears the answer."""

SAMPLES = 3
PROBLEMS_SHOWN = 50


async def show_lists(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show the lists of this visit and ask for another one."""
    lists = room.counter.on_tray().lists
    told = [
        (place, one, await asyncio.to_thread(lists.people, place))
        for place, one in enumerate(lists.brought)
    ]
    values = {
        "errors": errors,
        "lists": told,
        "room": LISTS_MAX - len(told),
        "most_kb": BYTES_MAX // 1024,
        "on_stick": await asyncio.to_thread(_on_stick, room.counter.partners.provider_files),
        "stick": room.counter.partners.provider_files is not None,
    }
    return await room.draw(request, "lists.html", values, status=status)


async def show_columns(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show a list's columns with a few lines of each, and what cannot be used."""
    lists, lang = room.counter.on_tray().lists, language_of(request)
    place = _place(request)
    one, people = lists.at(place), await asyncio.to_thread(lists.people, place)
    table = one.table
    samples = [
        [row.cells[column] if column < len(row.cells) else "" for row in table.rows[:SAMPLES]]
        for column in range(table.width)
    ]
    values = {
        "errors": errors,
        "place": place,
        "list": one,
        "people": people,
        "problems": people.problems[:PROBLEMS_SHOWN],
        "rest": max(0, len(people.problems) - PROBLEMS_SHOWN),
        "columns": [
            (column, table.headings[column] if table.headings else "", samples[column])
            for column in range(table.width)
        ],
        "fields": [
            (field.key, field.label.say(lang))
            for field in fields_of(room.counter.partners.procedure)
        ],
    }
    return await room.draw(request, "list-columns.html", values, status=status)


async def _bring(room: Room, request: web.Request) -> str:
    if request.content_type != "multipart/form-data":
        raise Refused("refused.list_none")
    reader = await request.multipart()
    trusted, data = False, b""
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise web.HTTPBadRequest
        if part.name == "csrf":
            expected = room.sessions.csrf(request) or ""
            given = await _bounded(part, TOKEN_MAX)
            trusted = bool(expected) and hmac.compare_digest(given, expected.encode())
        elif part.name == "file" and trusted:
            data = await _bounded(part, BYTES_MAX)
    if not trusted:
        raise web.HTTPForbidden
    if not data:
        raise Refused("refused.list_none")
    return await _kept(room, data)


async def _bounded(part: BodyPartReader, most: int) -> bytes:
    """Return a part's bytes; raises Refused for more than `most`."""
    data, size = bytearray(), 0
    while chunk := await part.read_chunk():
        size += len(chunk)
        if size <= most:
            data += chunk
        elif size > DRAIN_MAX:
            break
    if size > most:
        raise Refused("refused.list_large", most=BYTES_MAX // 1024)
    return bytes(data)


async def _bring_from_stick(room: Room, request: web.Request) -> str:
    wanted = str((await request.post()).get("file", ""))
    data = await asyncio.to_thread(_from_stick, room.counter.partners.provider_files, wanted)
    return await _kept(room, data)


async def _kept(room: Room, data: bytes) -> str:
    provider = room.counter.opened().snapshot.provider_no
    place = await room.counter.on_tray().lists.bring(data, provider)
    return f"{PATH}/{place}"


async def _take(room: Room, request: web.Request) -> str:
    form = await request.post()
    place, tray = _place(request), room.counter.on_tray()
    width = min(tray.lists.at(place).table.width, COLUMNS_MAX)
    known = {field.key for field in fields_of(room.counter.partners.procedure)}
    columns = {column: str(form.get(f"c{column}", "")) for column in range(width)}
    if not {key for key in columns.values() if key} <= known:
        raise Refused("refused.step")
    await tray.lists.take(place, columns, room.counter.opened().snapshot.provider_no)
    await tray.join_again()
    return PATH


async def _drop(room: Room, request: web.Request) -> str:
    tray = room.counter.on_tray()
    await tray.lists.drop(_place(request))
    await tray.join_again()
    return PATH


def _place(request: web.Request) -> int:
    written = request.match_info["n"]
    return int(written) if written in {str(place) for place in range(LISTS_MAX)} else -1


def _from_stick(folder: Path | None, wanted: str) -> bytes:
    """Return a file of the stick; a stick may be slow, be pulled out, and hold more than it said. Raises Refused."""
    path = next((path for path in _on_stick(folder) if path.name == wanted), None)
    if path is None:
        raise Refused("refused.list_stick")
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise Refused("refused.list_stick") from error
    if len(data) > BYTES_MAX:
        raise Refused("refused.list_large", most=BYTES_MAX // 1024)
    return data


def _on_stick(folder: Path | None) -> list[Path]:
    """Return the CSV files in the folder where a provider's stick is mounted, by name."""
    try:
        found = sorted(folder.iterdir()) if folder is not None else []
        files = [path for path in found if path.suffix.lower() in {".csv", ".txt"}]
        return [path for path in files if path.is_file() and not path.is_symlink()][:PROBLEMS_SHOWN]
    except OSError:
        return []


def list_routes() -> list[web.RouteDef]:
    """Return the routes of the provider's lists."""
    return [
        web.get(PATH, page(show_lists)),
        web.post(PATH, button(_bring, show_lists)),
        web.post(f"{PATH}/stick", button(_bring_from_stick, show_lists)),
        web.get(f"{PATH}/{{n}}", page(show_columns)),
        web.post(f"{PATH}/{{n}}", button(_take, show_columns)),
        web.post(f"{PATH}/{{n}}/drop", button(_drop, show_lists)),
    ]

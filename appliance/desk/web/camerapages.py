"""The camera's pages: the live picture, what it waits for, a button to take, a button that ends it."""

from aiohttp import web

from appliance.desk.camera.table import CameraTable
from appliance.desk.partners import Refused
from appliance.desk.web.batchpages import batch_here, show_feed
from appliance.desk.web.pressing import button, page, poll, step_path, under_camera
from appliance.desk.web.room import ROOM, Room
from screens.guard import dress_stream

VIEWERS_MAX = 2
"""Live pictures drawn at once: this screen, and the one it was reloaded from."""
LATEST_SHOWN = 3
"""Pages shown small beside the live picture."""
BORDER = "frame"
VIEWERS: web.AppKey[set[object]] = web.AppKey("viewers", set)


def camera_here(room: Room) -> CameraTable:
    """Return the box's camera; raises Refused when it has none."""
    camera = room.counter.partners.camera
    if camera is None:
        raise Refused("refused.camera_none")
    return camera


async def _start(room: Room, _request: web.Request) -> str:
    await room.counter.on_tray().feed(camera_here(room))
    return "/batch/camera"


async def _take(room: Room, _request: web.Request) -> str:
    camera_here(room).press()
    return "/batch/camera"


async def _finish(room: Room, _request: web.Request) -> str:
    camera_here(room).finish()
    return "/batch/feed"


async def show_camera(
    room: Room, request: web.Request, errors: list[str], status: int
) -> web.Response:
    """Show the live picture; the words beside it redraw themselves."""
    batch, camera = batch_here(room), camera_here(room)
    if not under_camera(room):
        raise web.HTTPSeeOther("/batch/feed")
    values = {"errors": errors, "batch": batch, "view": camera.view, **_latest(room)}
    values["simulated"] = camera.simulated
    return await room.draw(request, "camera.html", values, status=status)


async def show_words(
    room: Room, request: web.Request, _errors: list[str], _status: int
) -> web.Response:
    """Give the moving part alone; when the camera has ended, send the browser on."""
    batch, camera = batch_here(room), camera_here(room)
    values = {"batch": batch, "view": camera.view, **_latest(room)}
    answer = await room.draw(request, "camera-words.html", values)
    if not under_camera(room):
        answer.headers["HX-Redirect"] = step_path(room)
    return answer


def _latest(room: Room) -> dict[str, object]:
    sheets = batch_here(room).sheets
    return {"latest": sheets[-LATEST_SHOWN:], "read": sum(sheet.settled for sheet in sheets)}


async def _live(request: web.Request) -> web.StreamResponse:
    """Stream the live picture for as long as this person is signed in and the camera runs."""
    room, viewers = request.app[ROOM], request.app[VIEWERS]
    camera = room.counter.partners.camera
    if room.sessions.of(request) is None or room.counter.visit is None or camera is None:
        raise web.HTTPForbidden
    if len(viewers) >= VIEWERS_MAX:
        raise web.HTTPServiceUnavailable
    answer = web.StreamResponse(
        headers={"Content-Type": f"multipart/x-mixed-replace; boundary={BORDER}"}
    )
    dress_stream(answer)
    viewer = object()
    viewers.add(viewer)
    try:
        await answer.prepare(request)
        await answer.write(f"--{BORDER}\r\n".encode())
        async for picture in camera.live():
            if room.sessions.of(request) is None:
                break
            head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            # The border behind a picture shows it at once; before the next one it would come a frame late.
            await answer.write(head.encode() + picture + f"\r\n--{BORDER}\r\n".encode())
    except (ConnectionError, TimeoutError):
        pass
    finally:
        viewers.discard(viewer)
    return answer


def camera_routes() -> list[web.RouteDef]:
    """Return the routes of the camera."""
    return [
        web.get("/batch/camera", page(show_camera)),
        web.get("/batch/camera/words", poll(show_words)),
        web.get("/batch/camera/live", _live),
        web.post("/batch/camera", button(_start, show_feed)),
        web.post("/batch/camera/take", button(_take, show_feed)),
        web.post("/batch/camera/finish", button(_finish, show_feed)),
    ]

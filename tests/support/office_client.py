"""Short ways to ask the office's screens in tests: a page, a form with its token."""

from aiohttp.test_utils import TestClient

HTML = {"Accept": "text/html"}


async def csrf_of(client: TestClient) -> str:  # type: ignore[type-arg]
    """Return the form token of a signed-in client."""
    answer = await client.get("/session.json")
    return str((await answer.json())["csrf"])


async def post(client: TestClient, path: str, **form: str) -> tuple[int, str]:  # type: ignore[type-arg]
    """Send a form with its token; return the status and where it leads."""
    data = {"csrf": await csrf_of(client), **form}
    answer = await client.post(path, data=data, allow_redirects=False)
    return answer.status, answer.headers.get("Location", "")


async def text(client: TestClient, path: str) -> str:  # type: ignore[type-arg]
    """Return a page."""
    answer = await client.get(path, headers=HTML)
    assert answer.status == 200
    return await answer.text()

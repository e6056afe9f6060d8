import pytest

from cityhall.office.roles import PERMISSIONS, PermissionTableError, Role, Route, check_table, may
from cityhall.office.web.app import routes_of
from tests.support.makers import make_id
from tests.support.office_client import csrf_of
from tests.support.office_world import OfficeWorld

CASE = make_id(0).hex()
EVERYONE: list[Role | None] = [None, *Role]


def address(route: Route) -> str:
    """Return an address that leads to a route."""
    return {"/house": "/house/house.css", "/office": "/office/office.css"}.get(
        route[1],
        route[1].replace("{case}", CASE).replace("{question}", CASE).replace("{page}", "0"),
    )


def test_the_router_and_the_table_name_the_same_routes(world: OfficeWorld) -> None:
    """Every route of the app has its row, and no row is left over."""
    assert routes_of(world.app()) == set(PERMISSIONS)


def test_a_route_without_a_row_stops_the_start() -> None:
    """Nobody opens a door by forgetting the table."""
    with pytest.raises(PermissionTableError, match="/new"):
        check_table({*PERMISSIONS, ("GET", "/new")})


def test_a_row_without_a_route_stops_the_start() -> None:
    """The table does not speak of doors that are gone."""
    with pytest.raises(PermissionTableError, match="/audit"):
        check_table(set(PERMISSIONS) - {("GET", "/audit")})


def test_a_route_nobody_wrote_down_is_open_to_nobody() -> None:
    """The answer for the unknown is no."""
    assert not any(may(role, ("GET", "/new")) for role in EVERYONE)


@pytest.mark.parametrize("role", EVERYONE, ids=lambda role: role.value if role else "nobody")
async def test_every_cell_of_the_table_holds_at_the_door(
    world: OfficeWorld, role: Role | None
) -> None:
    """Each route x role over HTTP: a yes is never 401 or 403, a no is always one of them."""
    world.case()
    wrong = []
    async with world.browser(role) as client:
        csrf = await csrf_of(client) if role else ""
        for route in sorted(PERMISSIONS, key=lambda one: one[1] == "/sign-out"):
            if route[1] == "/inbox/events":
                continue
            answer = await client.request(
                route[0], address(route), data={"csrf": csrf}, allow_redirects=False
            )
            refused = answer.status in (401, 403)
            if refused is may(role, route):
                wrong.append((route, answer.status))
    assert wrong == []


@pytest.mark.parametrize("role", EVERYONE, ids=lambda role: role.value if role else "nobody")
async def test_the_live_stream_keeps_the_table_too(world: OfficeWorld, role: Role | None) -> None:
    """The stream is a route like any other."""
    async with world.browser(role) as client:
        answer = await client.get("/inbox/events")
        assert (answer.status == 200) is may(role, ("GET", "/inbox/events"))
        answer.close()


def test_no_get_changes_anything() -> None:
    """Whatever changes a case is a POST with a form token."""
    verbs = ("accept", "correction", "pull", "sign-out")
    changing = {route for route in PERMISSIONS if route[1].rpartition("/")[2] in verbs}
    assert {method for method, _ in changing} == {"POST"}

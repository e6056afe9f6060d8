"""Who works here: the roles, and what each may ask for. A route without a row stops the start."""

from collections.abc import Iterable, Mapping
from enum import Enum


class Role(Enum):
    """A person's role; one account has one."""

    CASEWORKER = "caseworker"
    CHIEF = "chief"
    AUDITOR = "auditor"


class PermissionTableError(Exception):
    """The permission table and the router do not name the same routes."""


Route = tuple[str, str]

# None: anyone, signed in or not. Otherwise the roles that may.
_ANYONE: None = None
_SIGNED_IN = frozenset(Role)
_CASEWORK = frozenset({Role.CASEWORKER, Role.CHIEF})

PERMISSIONS: Mapping[Route, frozenset[Role] | None] = {
    ("GET", "/"): _ANYONE,
    ("GET", "/healthz"): _ANYONE,
    ("GET", "/house"): _ANYONE,
    ("GET", "/office"): _ANYONE,
    ("GET", "/sign-in"): _ANYONE,
    ("POST", "/sign-in"): _ANYONE,
    ("POST", "/sign-out"): _SIGNED_IN,
    ("GET", "/session.json"): _SIGNED_IN,
    ("GET", "/inbox"): _CASEWORK,
    ("GET", "/inbox/events"): _CASEWORK,
    ("GET", "/cases.json"): _CASEWORK,
    ("GET", "/cases/{case}.json"): _CASEWORK,
    ("GET", "/cases/{case}/arrived.json"): _CASEWORK,
    ("GET", "/cases/{case}"): _CASEWORK,
    ("GET", "/cases/{case}/pages/{page}"): _CASEWORK,
    ("GET", "/cases/{case}/previews/{page}"): _CASEWORK,
    ("GET", "/cases/{case}/originals/{page}"): _CASEWORK,
    ("POST", "/cases/{case}/accept"): _CASEWORK,
    ("POST", "/cases/{case}/correction"): _CASEWORK,
    ("POST", "/cases/{case}/withdraw"): _CASEWORK,
    ("POST", "/cases/{case}/pull"): _CASEWORK,
    ("GET", "/questions"): _CASEWORK,
    ("GET", "/questions/{question}"): _CASEWORK,
    ("POST", "/questions/{question}/answer"): _CASEWORK,
    ("GET", "/bags"): _CASEWORK,
    ("POST", "/bags/arrived"): _CASEWORK,
    ("POST", "/cases/{case}/originals"): _CASEWORK,
    # Counts only, no answer and no name.
    ("GET", "/evaluation"): _SIGNED_IN,
    # An erasure needs two persons: any caseworker proposes, and a chief who is somebody else confirms.
    ("POST", "/cases/{case}/erasure"): _CASEWORK,
    ("POST", "/cases/{case}/erasure/withdraw"): _CASEWORK,
    ("POST", "/cases/{case}/erasure/confirm"): frozenset({Role.CHIEF}),
    ("GET", "/cases/{case}/certificate"): _SIGNED_IN,
    ("GET", "/erasures"): _SIGNED_IN,
    # A caseworker sees the own lines only, a chief and an auditor see all.
    ("GET", "/audit"): _SIGNED_IN,
}

# The same at a terminal.
PROPOSES_ERASURE = _CASEWORK
CONFIRMS_ERASURE = frozenset({Role.CHIEF})

SEES_ALL_AUDIT = frozenset({Role.CHIEF, Role.AUDITOR})


def check_table(routes: Iterable[Route], table: Mapping[Route, object] = PERMISSIONS) -> None:
    """Raise PermissionTableError unless every route has a row and every row a route."""
    found = set(routes)
    bare, empty = sorted(found - set(table)), sorted(set(table) - found)
    if bare or empty:
        raise PermissionTableError(
            f"roles: routes and permission table must be the same; without a row: {bare}, "
            f"without a route: {empty}; mend PERMISSIONS"
        )


def may(role: Role | None, route: Route) -> bool:
    """Return whether `role` (None: not signed in) may ask for `route`; an unknown route may nobody."""
    allowed = PERMISSIONS.get(route, frozenset[Role]())
    return allowed is _ANYONE or role in allowed

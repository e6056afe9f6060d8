"""The journal's tree on the shelf: the head the desk signed last, and the newest one that city hall cosigned.

Of the tree only its right edge is kept, O(log n) hashes; a proof needs the edge at the cosigned head and what came
behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import Session

from appliance.mail import notes
from appliance.mail.models import MailTable
from sync import canonical
from sync.clock import Instant
from sync.journal import Checkpoint
from sync.merkle import CompactRange
from sync.witness import journal_leaf

_JOURNAL: Final = MailTable.metadata.tables["journal"]
_EDGE_MAX: Final = 4096
# The edge and note of the head the desk signed, and of the one city hall cosigned.
_SIGNED: Final = "journal_signed"
_COSIGNED: Final = "journal_cosigned"

# Signs a head of the journal: its size and root.
SignHead = Callable[[int, bytes], str]


@dataclass(frozen=True, slots=True)
class JournalHead:
    """What the uplink tells city hall: its newest cosigned note ("" = none), the newest signed one, and the proof."""

    held: str
    note: str
    path: tuple[bytes, ...]


def sign(session: Session, sign_head: SignHead, at: Instant) -> None:
    """Sign the journal as it stands, inside the caller's transaction."""
    _, edge = _kept(session, _SIGNED)
    for leaf in _leaves(session, edge.size):
        edge.append(leaf)
    _keep(session, _SIGNED, sign_head(edge.size, edge.root()), edge, at)


def told(session: Session) -> JournalHead | None:
    """Return what city hall is told, or None before the desk signed anything."""
    note, newest = _kept(session, _SIGNED)
    if not note:
        return None
    held, edge = _kept(session, _COSIGNED)
    leaves = _leaves(session, edge.size, newest.size)
    return JournalHead(held, note, tuple(edge.grown(leaves)))


def cosigned(session: Session, note: str, head: Checkpoint, at: Instant) -> bool:
    """Keep a cosigned head that stands in this journal; False when the journal here is another, or shorter."""
    _, edge = _kept(session, _COSIGNED)
    _, newest = _kept(session, _SIGNED)
    if not edge.size <= head.size <= newest.size:
        return False
    for leaf in _leaves(session, edge.size, head.size):
        edge.append(leaf)
    if (edge.size, edge.root()) != (head.size, head.root):
        return False
    _keep(session, _COSIGNED, note, edge, at)
    return True


def _leaves(session: Session, after: int, up_to: int | None = None) -> list[bytes]:
    rows = select(_JOURNAL.c.hash).where(_JOURNAL.c.seq > after).order_by(_JOURNAL.c.seq)
    if up_to is not None:
        rows = rows.where(_JOURNAL.c.seq <= up_to)
    return [journal_leaf(one) for one in session.connection().execute(rows).scalars()]


def _kept(session: Session, name: str) -> tuple[str, CompactRange]:
    value = notes.value(session, name)
    if value is None:
        return "", CompactRange()
    note, edge = canonical.decode(value, _EDGE_MAX)
    return note, CompactRange.from_list(edge)


def _keep(session: Session, name: str, note: str, edge: CompactRange, at: Instant) -> None:
    notes.put(session, name, canonical.encode([note, edge.to_list()]), at.wall)

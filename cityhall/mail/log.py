"""The filing log as rows: one row a complete subtree, so that any proof needs a few dozen rows (RFC 6962)."""

from sqlmodel import Session, col, select

from cityhall.mail.models import LogTable
from sync.merkle import EMPTY_ROOT, node_hash


def size(session: Session) -> int:
    """Return the number of leaves."""
    query = (
        select(LogTable.index)
        .where(LogTable.level == 0)
        .order_by(col(LogTable.index).desc())
        .limit(1)
    )
    newest = session.exec(query).first()
    return 0 if newest is None else newest + 1


def append(session: Session, index: int, leaf: bytes) -> None:
    """Add the leaf hash `index` (which must be the log's size) and every subtree it completes."""
    digest, level = leaf, 0
    session.add(LogTable(level=0, index=index, hash=digest))
    while index % 2:
        digest = node_hash(_node(session, level, index - 1), digest)
        level += 1
        index //= 2
        session.add(LogTable(level=level, index=index, hash=digest))
    session.flush()


def root(session: Session, count: int) -> bytes:
    """Return the root over the first `count` leaves."""
    return EMPTY_ROOT if count == 0 else _subtree(session, 0, count)


def inclusion(session: Session, index: int, count: int) -> list[bytes]:
    """Return the path that proves leaf `index` under the root over `count` leaves."""
    path: list[bytes] = []
    low, high = 0, count
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(_subtree(session, middle, high))
            high = middle
        else:
            path.append(_subtree(session, low, middle))
            low = middle
    path.reverse()
    return path


def consistency(session: Session, old: int, count: int) -> list[bytes]:
    """Return the path that proves the root over `old` leaves (1 or more) grew into the one over `count`."""
    path: list[bytes] = []
    low, high = 0, count
    whole = True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(_subtree(session, middle, high))
            high = middle
        else:
            path.append(_subtree(session, low, middle))
            low = middle
            whole = False
    if not whole:
        path.append(_subtree(session, low, high))
    path.reverse()
    return path


def _subtree(session: Session, low: int, high: int) -> bytes:
    span = high - low
    if span & (span - 1) == 0:
        level = span.bit_length() - 1
        return _node(session, level, low >> level)
    middle = low + _split(span)
    return node_hash(_subtree(session, low, middle), _subtree(session, middle, high))


def _split(span: int) -> int:
    """Return the largest power of two below `span`."""
    return 1 << (span - 1).bit_length() - 1


def _node(session: Session, level: int, index: int) -> bytes:
    row = session.get(LogTable, (level, index))
    if row is None:
        raise LookupError(f"hall shelf: the filing log misses subtree {level}/{index}; restore it")
    return row.hash

"""Trees of hashes after RFC 6962: one root for many leaves, and short proofs that a leaf is in it.

"Leaf" here always means a leaf hash of 32 bytes (`leaf_hash`). Proofs are lists of hashes, lowest first.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

HASH_BYTES: Final = 32
SIZE_MAX: Final = 1 << 62
PROOF_MAX: Final = 64
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes | memoryview) -> bytes:
    """Return the hash of one leaf's content, told apart from a node by its first byte 0."""
    made = hashlib.sha256(b"\x00")
    made.update(data)
    return made.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side, told apart from a leaf by its first byte 1."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """All leaves of a tree with the hashes of its complete subtrees: append and prove in O(log n)."""

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for leaf in leaves:
            self.append(leaf)

    def __len__(self) -> int:
        return len(self._levels[0])

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        made, level = _hash(leaf), 0
        self._levels[0].append(made)
        while not len(self._levels[level]) % 2:
            made = node_hash(self._levels[level][-2], made)
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(made)

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` leaves (default: all); raises ValueError if there are fewer."""
        top = len(self) if size is None else size
        if not 0 <= top <= len(self):
            raise ValueError(f"merkle: the tree has {len(self)} leaves, not {top}")
        return self._span(0, top) if top else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof that leaf `index` is among the first `size`; raises ValueError."""
        top = len(self) if size is None else size
        if not 0 <= index < top <= len(self):
            raise ValueError(f"merkle: no leaf {index} among {top} of {len(self)}")
        return self._inclusion(index, 0, top)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """Return the proof that the first `size` leaves extend the first `old`; raises ValueError."""
        top = len(self) if size is None else size
        if not 0 <= old <= top <= len(self):
            raise ValueError(f"merkle: {old} leaves cannot grow to {top} of {len(self)}")
        return self._consistency(old, 0, top, whole=True) if 0 < old < top else []

    def _span(self, start: int, end: int) -> bytes:
        """Hash the leaves from `start` to `end`, where `start` is a multiple of the span's own power of two."""
        width = end - start
        if not width & (width - 1):
            return self._levels[width.bit_length() - 1][start // width]
        middle = start + _split(width)
        return node_hash(self._span(start, middle), self._span(middle, end))

    def _inclusion(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _split(end - start)
        if index < middle:
            return [*self._inclusion(index, start, middle), self._span(middle, end)]
        return [*self._inclusion(index, middle, end), self._span(start, middle)]

    def _consistency(self, old: int, start: int, end: int, *, whole: bool) -> list[bytes]:
        if old == end:
            return [] if whole else [self._span(start, end)]
        middle = start + _split(end - start)
        if old <= middle:
            return [
                *self._consistency(old, start, middle, whole=whole),
                self._span(middle, end),
            ]
        return [*self._consistency(old, middle, end, whole=False), self._span(start, middle)]


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none it is SHA-256 of nothing."""
    return Tree(leaves).root()


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the proof that leaf `index` is under `root(leaves)`; raises ValueError for a wrong index."""
    return Tree(leaves).inclusion(index)


def consistency_proof(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return the proof that `root(leaves)` extends the root of the first `old`; raises ValueError."""
    return Tree(leaves).consistency(old)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes
) -> bool:
    """Tell whether the proof shows this leaf hash at `index` of the tree of `size` with root `expected`."""
    if not 0 <= index < size <= SIZE_MAX or not _proof_shaped(proof, leaf, expected):
        return False
    made, node, last = leaf, index, size - 1
    for step in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            made = node_hash(step, made)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            made = node_hash(made, step)
        node, last = node >> 1, last >> 1
    return last == 0 and made == expected


def verify_consistency(
    old: int, size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Tell whether the proof shows that the tree of `size` only added leaves to the tree of `old`."""
    if not 0 <= old <= size <= SIZE_MAX or not _proof_shaped(proof, old_root, new_root):
        return False
    if old == 0 and old_root != EMPTY_ROOT:
        return False
    if old == size:
        return not proof and old_root == new_root
    if old == 0:
        return not proof
    return _verify_growth(old, size, proof, (old_root, new_root))


def _verify_growth(old: int, size: int, proof: Sequence[bytes], roots: tuple[bytes, bytes]) -> bool:
    steps = list(proof) if old & (old - 1) else [roots[0], *proof]
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    if not steps:
        return False
    before = after = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = node_hash(step, before), node_hash(step, after)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            after = node_hash(after, step)
        node, last = node >> 1, last >> 1
    return last == 0 and (before, after) == roots


class CompactRange:
    """The right edge of a growing tree: enough to append and to name the root, in O(log n) memory."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at the right."""
        made, size = _hash(leaf), self.size
        while size & 1:
            made, size = node_hash(self._edge.pop(), made), size >> 1
        self._edge.append(made)
        self.size += 1

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._edge:
            return EMPTY_ROOT
        made = self._edge[-1]
        for left in reversed(self._edge[:-1]):
            made = node_hash(left, made)
        return made

    def grown(self, leaves: Sequence[bytes]) -> list[bytes]:
        """Return the proof that this tree with `leaves` behind it extends this tree; nothing older is needed."""
        return self._grown(leaves, 0, self.size + len(leaves)) if self.size and leaves else []

    def _grown(self, leaves: Sequence[bytes], start: int, end: int) -> list[bytes]:
        """Prove the leaves from `start` to `end`: what lies before `size` there is always one subtree of the edge."""
        if end == self.size:
            return [self._old(start)] if start else []
        middle = start + _split(end - start)
        if self.size <= middle:
            right = root(leaves[middle - self.size : end - self.size])
            return [*self._grown(leaves, start, middle), right]
        return [*self._grown(leaves, middle, end), self._old(start)]

    def _old(self, start: int) -> bytes:
        """Return the subtree of the edge that begins at leaf `start`."""
        return self._edge[start.bit_count()]

    def to_list(self) -> list[int | bytes]:
        """Return size and edge as plain values, for a table or a frame."""
        return [self.size, *self._edge]

    @classmethod
    def from_list(cls, values: Sequence[int | bytes]) -> "CompactRange":
        """Read what `to_list` wrote; raises ValueError."""
        size = values[0] if values else None
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= SIZE_MAX:
            raise ValueError("merkle: a compact range begins with its size")
        if len(values) - 1 != size.bit_count():
            raise ValueError(f"merkle: a range of {size} has {size.bit_count()} hashes")
        made = cls()
        made.size = size
        made._edge = [_hash(value) for value in values[1:]]
        return made


def _hash(value: int | bytes) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_BYTES:
        raise ValueError("merkle: a leaf is a hash of 32 bytes")
    return value


def _proof_shaped(proof: Sequence[bytes], *ends: bytes) -> bool:
    return len(proof) <= PROOF_MAX and all(len(one) == HASH_BYTES for one in (*proof, *ends))


def _split(width: int) -> int:
    """Return the largest power of two below `width`."""
    return 1 << (width - 1).bit_length() - 1

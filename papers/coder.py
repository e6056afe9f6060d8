"""Writes a map of few tones without loss: each spot by what stands around it, in lanes that numpy walks side by side.

A table says how likely each of the four tones is after each of the neighbourhoods; it was counted once on pages of our
own making and travels with the program, so nothing of it is sent. The arithmetic is a range coder of interleaved
states (rANS) in whole numbers: every machine writes and reads the same bytes. Only spots of the active map are written.
"""

import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Tones = npt.NDArray[np.uint8]
"""(height, width), 0 paper to 3 full ink."""
Active = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int32] | npt.NDArray[np.int64]

COUNT: Final = 4
NEAR: Final = ((0, -1), (-1, 0), (-1, -1), (-1, 1))
"""Neighbours (rows, columns) whose tone counts."""
FAR: Final = ((0, -2), (-2, 0), (-1, 2), (-1, -2), (-2, -1), (-2, 1), (0, -3), (-3, 0))
"""Neighbours of which only more or less than half ink counts; the first two: any ink at all."""
ANY_INK: Final = 2
CONTEXTS: Final = COUNT ** len(NEAR) << len(FAR)
BITS: Final = 14
"""Chances are counted in parts of 2 to this."""
LANES_MOST: Final = 96
LANE_SPOTS: Final = 2000
"""A lane is not worth its four bytes below this."""
SIDE_MOST: Final = 6000
_GUESSED: Final = 8
"""Of so many spots one is looked at where bytes are guessed."""
_PAD: Final = 3
_LOW: Final = 1 << 16
_STRETCH: Final = 1024
"""Steps taken in one go; what is worked out for them is small."""
_CHUNK: Final = 1 << 16
"""Spots looked around in one go."""
_HEAD: Final = struct.Struct(">BI")


class CodeError(ValueError):
    """The bytes are no map of tones, or not of this shape."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Chances by neighbourhood: `starts` (CONTEXTS, COUNT) are summed parts before each tone, first 0."""

    starts: npt.NDArray[np.int64]
    parts: npt.NDArray[np.int64]


def table_of(parts: npt.NDArray[np.int64]) -> Table:
    """Make a table of parts (CONTEXTS, COUNT) that sum to 2**BITS in each row, none of them 0."""
    starts = np.cumsum(parts, axis=1) - parts
    return Table(np.ascontiguousarray(starts, np.int64), np.ascontiguousarray(parts, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """The way through a map: bands of rows, one a lane, apart from each other on a canvas of their own."""

    places: npt.NDArray[np.int32]
    """(steps, lanes) spots on the flat canvas; lanes stand longest first."""
    lengths: npt.NDArray[np.int64]
    spots: npt.NDArray[np.int64]
    """Where each row of the map begins on the canvas."""
    canvas_size: int
    stride: int

    def lanes_at(self) -> npt.NDArray[np.int64]:
        """Count the lanes still walking at each step."""
        steps = len(self.places)
        ended = np.bincount(self.lengths, minlength=steps + 1)[: steps + 1]
        return np.asarray(len(self.lengths) - np.cumsum(ended)[:steps], np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Spots:
    """The active spots of a map in the order they are written, each with its neighbourhood and its tone."""

    walk: "_Walk"
    contexts: npt.NDArray[np.int32]
    tones: Tones

    def bytes_by(self, table: Table) -> float:
        """Guess the bytes by a table from some of the spots."""
        return _bytes(self.contexts[::_GUESSED], self.tones[::_GUESSED], table)


def guessed_bytes(tones: Tones, active: Active, table: Table) -> float:
    """Guess the bytes of a map by a table without preparing to write it."""
    rows, width = tones.shape
    stride = width + 2 * _PAD
    canvas = np.zeros((rows + 2 * _PAD, stride), np.uint8)
    canvas[_PAD : _PAD + rows, _PAD : _PAD + width] = np.where(active, tones, 0)
    flat = np.flatnonzero(active)[::_GUESSED]
    flat = flat + (flat // width) * (2 * _PAD) + _PAD * stride + _PAD
    line = canvas.ravel()
    return _bytes(_contexts(line, flat, stride), line[flat], table)


def _bytes(contexts: npt.NDArray[np.int32], tones: Tones, table: Table) -> float:
    return float((BITS - np.log2(table.parts[contexts, tones])).sum()) * _GUESSED / 8


def spots_of(tones: Tones, active: Active) -> Spots | None:
    """Look around every active spot of a map; None when there is none."""
    walk = _walk(active)
    if walk is None:
        return None
    canvas = _laid(tones, active, walk)
    flat = walk.places[walk.places >= 0]
    return Spots(walk, _contexts(canvas, flat, walk.stride), canvas.take(flat))


def encode(spots: Spots | None, table: Table) -> bytes:
    """Write the active spots of a map; the others are paper and cost nothing."""
    if spots is None:
        return _HEAD.pack(0, 0)
    parts, starts = _steps(spots, table)
    lanes = parts.shape[1]
    state = np.full(lanes, _LOW, np.uint32)
    said = [
        _written(state[:k], parts[first:last, :k], starts[first:last, :k])
        for first, last, k in reversed(_stretches(spots.walk.lanes_at()))
    ]
    words = b"".join(reversed(said))
    return _HEAD.pack(lanes, len(words) // 2) + state.astype(">u4").tobytes() + words


def _written(
    state: npt.NDArray[np.uint32], parts: npt.NDArray[np.uint32], starts: npt.NDArray[np.uint32]
) -> bytes:
    """Take a stretch of steps (steps, lanes) into the state, the last first; give the words that leave it."""
    limits, growths = parts << np.uint32(32 - BITS), np.uint32(1 << BITS) - parts
    whole, low = np.empty_like(state), np.uint32(16)
    before, full = np.empty_like(limits), np.empty(parts.shape, bool)
    backwards = (each[::-1] for each in (limits, parts, growths, starts, before, full))
    for limit, part, growth, start, held, over in zip(*backwards, strict=True):
        held[:] = state
        np.greater_equal(state, limit, out=over)
        np.right_shift(state, low, out=state, where=over)
        np.floor_divide(state, part, out=whole)
        np.multiply(whole, growth, out=whole)
        np.add(state, whole, out=state)
        np.add(state, start, out=state)
    return before[full].astype(np.uint16).astype(">u2").tobytes()


def _stretches(lanes_at: npt.NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Cut the steps where a lane ends, and where a stretch gets long: first step, last and one, lanes."""
    ends = np.flatnonzero(np.diff(lanes_at)) + 1
    cuts = sorted({0, len(lanes_at), *ends.tolist(), *range(0, len(lanes_at), _STRETCH)})
    return [(first, last, int(lanes_at[first])) for first, last in pairwise(cuts)]


def _steps(spots: Spots, table: Table) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Give part and start of each step and lane; of a lane that has ended they say nothing."""
    placed = spots.walk.places >= 0
    parts, starts = np.zeros(placed.shape, np.uint32), np.zeros(placed.shape, np.uint32)
    where = spots.contexts * np.int32(COUNT) + spots.tones
    parts[placed] = table.parts.astype(np.uint32).take(where)
    starts[placed] = table.starts.astype(np.uint32).take(where)
    return parts, starts


def decode(data: bytes, active: Active, table: Table) -> Tones:
    """Read a map of the shape of `active`; raises CodeError."""
    walk = _walk(active)
    lanes, count = _head(data)
    if walk is None or lanes != walk.places.shape[1]:
        if walk is None and lanes == 0:
            return np.zeros(active.shape, np.uint8)
        raise CodeError("tones: the bytes tell another number of lanes than their active map has")
    body = memoryview(data)[_HEAD.size :]
    states = np.frombuffer(body[: 4 * lanes], ">u4").astype(np.int64)
    words = np.frombuffer(body[4 * lanes :], ">u2").astype(np.int64)
    canvas = np.zeros(walk.canvas_size, np.uint8)
    reader = _Reader(canvas, states, words, table, walk.stride)
    for step, k in enumerate(walk.lanes_at()):
        reader.read(walk.places[step, :k])
    if reader.taken != count:
        raise CodeError("tones: the bytes end elsewhere than they say")
    rows = canvas.reshape(-1, walk.stride)[walk.spots // walk.stride]
    return np.ascontiguousarray(rows[:, _PAD : _PAD + active.shape[1]])


class _Reader:
    """Reads one spot of every lane at each step."""

    def __init__(
        self,
        canvas: Tones,
        states: npt.NDArray[np.int64],
        words: npt.NDArray[np.int64],
        table: Table,
        stride: int,
    ) -> None:
        self._canvas, self._states, self._words = canvas, states, words
        self._starts, self._parts = table.starts, table.parts
        self._cuts = np.ascontiguousarray(table.starts[:, 1:].T)
        self._near, self._far = _offsets(stride)
        self._near_weight, self._far_weight = _weights()
        self._lowest = np.where(np.arange(len(FAR)) < ANY_INK, 1, COUNT // 2)[:, None].astype(
            np.uint8
        )
        self.taken = 0

    def read(self, places: npt.NDArray[np.int32]) -> None:
        """Read the tones at these places of the canvas, one a lane."""
        k = len(places)
        near = self._canvas.take(places + self._near)
        far = self._canvas.take(places + self._far) >= self._lowest
        contexts = self._near_weight @ near + self._far_weight @ far
        state = self._states[:k]
        slot = state & ((1 << BITS) - 1)
        tone = (slot >= self._cuts.take(contexts, axis=1)).sum(axis=0)
        where = contexts * COUNT + tone
        state = self._parts.take(where) * (state >> BITS) + slot - self._starts.take(where)
        thin = state < _LOW
        wanted = int(np.count_nonzero(thin))
        if wanted:
            more = self._words[self.taken : self.taken + wanted]
            if len(more) != wanted:
                raise CodeError("tones: the bytes break off")
            state[thin] = state[thin] << 16 | more
            self.taken += wanted
        self._states[:k] = state
        self._canvas[places] = tone


def _head(data: bytes) -> tuple[int, int]:
    if len(data) < _HEAD.size:
        raise CodeError("tones: the bytes are shorter than their head")
    lanes, count = _HEAD.unpack_from(data)
    if len(data) != _HEAD.size + 4 * lanes + 2 * count:
        raise CodeError("tones: the bytes are not as long as their head says")
    return lanes, count


def _walk(active: Active) -> _Walk | None:
    """Split the rows into bands of about as many active spots each."""
    height, width = active.shape
    if height > SIDE_MOST or width > SIDE_MOST:
        raise CodeError(
            f"tones: a map is at most {SIDE_MOST} spots long, this is {width} x {height}"
        )
    by_row = active.sum(axis=1)
    total = int(by_row.sum())
    if total == 0:
        return None
    lanes = min(LANES_MOST, height, max(1, total // LANE_SPOTS))
    summed = np.cumsum(by_row)
    band_of_row = np.minimum((summed - by_row) * lanes // total, lanes - 1)
    stride = width + 2 * _PAD
    spots = (np.arange(height) + _PAD * (band_of_row + 1)) * stride + _PAD
    size = (height + _PAD * (lanes + 1)) * stride
    canvas = np.zeros((size // stride, stride), bool)
    canvas[spots // stride, _PAD : _PAD + width] = active
    flat = np.flatnonzero(canvas).astype(np.int32)
    counted = np.bincount(band_of_row, weights=by_row, minlength=lanes).astype(np.int64)
    order = np.argsort(-counted, kind="stable")
    begins = np.cumsum(counted) - counted
    places = np.full((int(counted.max()), lanes), -1, np.int32)
    for lane, band in enumerate(order):
        places[: counted[band], lane] = flat[begins[band] : begins[band] + counted[band]]
    return _Walk(places, counted[order], spots, size, stride)


def _laid(tones: Tones, active: Active, walk: _Walk) -> Tones:
    canvas = np.zeros(walk.canvas_size, np.uint8)
    height, width = tones.shape
    rows = walk.spots // walk.stride
    laid = np.where(active, tones, 0)
    canvas.reshape(-1, walk.stride)[rows, _PAD : _PAD + width] = laid.reshape(height, width)
    return canvas


def _offsets(stride: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    near, far = (
        np.array([row * stride + column for row, column in places], np.int64)[:, None]
        for places in (NEAR, FAR)
    )
    return near, far


def _weights() -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    near = np.array([COUNT ** (len(NEAR) - 1 - i) << len(FAR) for i in range(len(NEAR))], np.int64)
    far = np.array([1 << (len(FAR) - 1 - i) for i in range(len(FAR))], np.int64)
    return near, far


def _contexts(canvas: Tones, flat: Places, stride: int) -> npt.NDArray[np.int32]:
    """Give the number of each spot's neighbourhood."""
    near, far = _offsets(stride)
    found = np.zeros(len(flat), np.int32)
    for first in range(0, len(flat), _CHUNK):
        part, spots = found[first : first + _CHUNK], flat[first : first + _CHUNK].astype(np.int64)
        for offset in near[:, 0]:
            part *= COUNT
            part += canvas.take(spots + offset)
        for at, offset in enumerate(far[:, 0]):
            part *= 2
            part += canvas.take(spots + offset) >= (1 if at < ANY_INK else COUNT // 2)
    return found

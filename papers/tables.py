"""The counted chances of the tone coder, as they travel with the program; `python -m bench.tables` counts them anew."""

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from papers.coder import BITS, CONTEXTS, COUNT, Table, table_of

NAMES: Final = ("scan", "photo", "coarse", "mask")
"""The number of a table in a file is its place here: never take one out."""
FILE: Final = Path(__file__).with_name("tables.npz")


@cache
def table(number: int) -> Table:
    """Give a table by its number; raises KeyError for one that is not ours."""
    if not 0 <= number < len(NAMES):
        raise KeyError(f"table {number} of {len(NAMES)}")
    with np.load(FILE, allow_pickle=False) as held:
        told = held[NAMES[number]].astype(np.int64)
    parts = np.empty((CONTEXTS, COUNT), np.int64)
    parts[:, 1:] = told
    parts[:, 0] = (1 << BITS) - told.sum(axis=1)
    return table_of(parts)

"""Small pictures of sheets as a browser shows them, kept while the visit is open: a moving page asks each second."""

import asyncio
import io
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

from PIL import Image

from papers.blank import Blank
from papers.showable import OWN_TYPES, WRITTEN_TYPE, open_any

KEPT = 24
"""Previews in memory, the latest asked for: three screens of the newest sheets, about a megabyte."""
LONGEST = 560
"""Pixels of the longer side: twice what any page of the desk shows."""
QUALITY = 80
Made = tuple[bytes, str]


class Previews:
    """Makes each preview once while it is among the latest; two who ask at once wait for the same one."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, asyncio.Task[Made]] = OrderedDict()

    async def get(self, sha256: str, make: Callable[[], Awaitable[Made]]) -> Made:
        """Return the preview of these bytes; raises what `make` raises, and forgets that."""
        task = self._made.get(sha256)
        if task is None:
            task = asyncio.ensure_future(make())
            task.add_done_callback(_heard)
            self._made[sha256] = task
            while len(self._made) > KEPT:
                self._made.popitem(last=False)
        self._made.move_to_end(sha256)
        try:
            # Whoever goes away while it is made does not take it from the others.
            return await asyncio.shield(task)
        except Exception:
            self._made.pop(sha256, None)
            raise


def _heard(task: asyncio.Task[Made]) -> None:
    """Take note of a fault although everybody who asked has gone."""
    if not task.cancelled():
        task.exception()


def small(data: bytes, media_type: str, blanks: Iterable[Blank] = ()) -> Made:
    """Give a preview as every browser shows it, no larger than a page needs; raises what `open_any` raises."""
    if media_type not in OWN_TYPES:
        return data, media_type
    picture = Image.fromarray(open_any(data, blanks))
    picture.thumbnail((LONGEST, LONGEST))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue(), WRITTEN_TYPE

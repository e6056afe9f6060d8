"""What a person typed and has not sent yet: kept sealed while typing, so that a reload or a cut gives it back."""

import asyncio
import json
import logging
from collections.abc import Mapping

from appliance.desk.drafts import DraftLost, Drafts, DraftUnreadable

log = logging.getLogger(__name__)

UNSENT_NAME = "unsent"
FIELDS_MAX = 200
TEXT_MAX = 2000
"""Characters of one field that are kept: more is refused when it is sent, too."""

PAGES_MAX = 64
"""Applications with unsent text; the one typed into longest ago gives way."""


class Unsent:
    """The unsent text of each application's page. It is no answer: nothing is checked or filed by it."""

    def __init__(self, drafts: Drafts, pages: Mapping[str, Mapping[str, str]]) -> None:
        self._drafts = drafts
        self._pages = {page: dict(values) for page, values in pages.items()}
        self._turn = asyncio.Lock()

    def of(self, page: str) -> Mapping[str, str]:
        """Return what was typed on this page, key to text; nothing when all was sent."""
        return self._pages.get(page, {})

    async def keep(self, page: str, values: Mapping[str, str]) -> None:
        """Keep a page's text in place of what was kept, durable when it returns; no values forget the page.

        Raises DraftsFull when the disk refuses.
        """
        async with self._turn:
            if not values and page not in self._pages:
                return
            pages = {name: texts for name, texts in self._pages.items() if name != page}
            if values:
                cut = {key: text[:TEXT_MAX] for key, text in values.items()}
                pages[page] = dict(list(cut.items())[:FIELDS_MAX])
            pages = dict(list(pages.items())[-PAGES_MAX:])
            written = json.dumps(pages, ensure_ascii=False).encode()
            await asyncio.to_thread(self._drafts.write, UNSENT_NAME, written)
            self._pages = pages


def read_unsent(drafts: Drafts) -> Unsent:
    """Return what was kept; a file that does not open costs the unsent text alone. Raises DraftUnreadable."""
    if not drafts.has(UNSENT_NAME):
        return Unsent(drafts, {})
    try:
        return Unsent(drafts, json.loads(drafts.read(UNSENT_NAME)))
    except DraftUnreadable:
        raise
    except DraftLost:
        log.warning("unsent.torn")
        return Unsent(drafts, {})

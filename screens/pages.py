"""Draws pages: Jinja templates with escaping on, the room's texts, and the house's own layout and macros."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import jinja2
from aiohttp import web

from screens.language import Language, Texts, language_of

HOUSE = Path(__file__).parent
STATIC = HOUSE / "static"


class Pages:
    """One room's pages. `facts` are put into every page (city's name, division)."""

    def __init__(self, templates: Path, texts: Texts, facts: Mapping[str, object]) -> None:
        loaders = [jinja2.FileSystemLoader(templates), jinja2.FileSystemLoader(HOUSE / "templates")]
        self._room = jinja2.Environment(
            loader=jinja2.ChoiceLoader(loaders),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._texts = texts
        self._facts = dict(facts)

    def draw(self, template: str, language: Language, values: Mapping[str, object]) -> str:
        """Return the page as HTML; `t(key, **values)` in a template says a text in this language."""
        say = partial(self._texts.say, language)
        return self._room.get_template(template).render(
            {**self._facts, "lang": language, "t": say, **values}
        )

    def answer(
        self,
        request: web.Request,
        template: str,
        values: Mapping[str, object],
        *,
        status: int = 200,
    ) -> web.Response:
        """Return the page as an answer in the screen's own language."""
        drawn = self.draw(template, language_of(request), {"path": request.path, **values})
        return web.Response(text=drawn, content_type="text/html", status=status)


def add_house_static(app: web.Application) -> None:
    """Serve the house's stylesheet, icons and vendored scripts below /house/."""
    app.router.add_static("/house/", STATIC, show_index=False)

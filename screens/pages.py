"""Draws pages: Jinja templates with escaping on, the room's texts, and the house's own layout and macros."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

import jinja2
from aiohttp import web

from screens.furigana import Readings, plain
from screens.language import Language, Texts, kana_of, language_of, switched

HOUSE = Path(__file__).parent
STATIC = HOUSE / "static"


class Pages:
    """One room's pages. `facts` are put into every page (city's name, division).

    With `readings` a page offers the switch that sets them over its words.
    """

    def __init__(
        self,
        templates: Path,
        texts: Texts,
        facts: Mapping[str, object],
        readings: Readings | None = None,
    ) -> None:
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
        self._readings = readings

    def draw(
        self,
        template: str,
        language: Language,
        values: Mapping[str, object],
        *,
        kana: bool = False,
    ) -> str:
        """Return the page as HTML; `t(key, **values)` in a template says a text in this language.

        With `kana` the words that have a reading carry it.
        """
        own = {
            "lang": language,
            "t": partial(self._say_with_names if kana else self._texts.say, language),
            "kana": kana,
            "kana_offered": self._readings is not None and language == "ja",
            "switched": _alone,
        }
        drawn = self._room.get_template(template).render({**self._facts, **own, **values})
        return self._readings.over_page(drawn) if kana and self._readings else drawn

    def _say_with_names(self, language: Language, key: str, **values: object) -> str:
        kept = {
            k: plain(str(value)) if k in ("name", "provider") else value
            for k, value in values.items()
        }
        return self._texts.say(language, key, **kept)

    def answer(
        self,
        request: web.Request,
        template: str,
        values: Mapping[str, object],
        *,
        status: int = 200,
    ) -> web.Response:
        """Return the page as an answer in the screen's own language."""
        shared = {"path": request.path, "switched": partial(switched, request)}
        drawn = self.draw(
            template, language_of(request), {**shared, **values}, kana=kana_of(request)
        )
        return web.Response(text=drawn, content_type="text/html", status=status)


def _alone(**choice: str) -> str:
    return f"?{urlencode(choice)}"


def add_house_static(app: web.Application) -> None:
    """Serve the house's stylesheet, icons and vendored scripts below /house/."""
    app.router.add_static("/house/", STATIC, show_index=False)

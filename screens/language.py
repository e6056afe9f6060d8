"""Japanese first, English beside it: texts are data, one TOML file a room."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler

Language = Literal["ja", "en"]

COOKIE = "lang"


@dataclass(frozen=True, slots=True)
class Texts:
    """Every sentence of one room: key -> language -> text."""

    entries: Mapping[str, Mapping[str, str]]

    def say(self, language: Language, key: str, **values: object) -> str:
        """Return the sentence in this language with its values put in; an unknown key is our own mistake."""
        return self.entries[key][language].format(**values)


class TextError(ValueError):
    """A text file lacks a language."""


def read_texts(*paths: Path) -> Texts:
    """Read TOML tables `[key] ja = "..." en = "..."`; raises TextError naming file and key that lack a language."""
    entries: dict[str, Mapping[str, str]] = {}
    for path in paths:
        for key, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
            missing = {"ja", "en"} - set(entry)
            if missing:
                raise TextError(
                    f"{path.name}: [{key}] needs {' and '.join(sorted(missing))}; add the line."
                )
            entries[key] = entry
    return Texts(entries)


def language_of(request: web.BaseRequest) -> Language:
    """Return the language this screen was switched to; Japanese unless a person chose English."""
    return "en" if request.cookies.get(COOKIE) == "en" else "ja"


@web.middleware
async def language_switch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer `?lang=ja|en` on any page by remembering the choice and showing the page again without it."""
    chosen = request.query.get("lang")
    if request.method != "GET" or chosen not in ("ja", "en"):
        return await handler(request)
    rest = request.rel_url.update_query({}).with_query(
        {key: value for key, value in request.query.items() if key != "lang"},
    )
    answer = web.HTTPSeeOther(location=str(rest))
    answer.set_cookie(COOKIE, chosen, samesite="Strict", httponly=True, path="/")
    raise answer

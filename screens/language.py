"""Japanese first, English beside it, readings over the kanji when asked: texts are data, one TOML file a room."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiohttp import web
from aiohttp.typedefs import Handler

Language = Literal["ja", "en"]

COOKIE, KANA_COOKIE = "lang", "kana"

CHOICES = {COOKIE: ("ja", "en"), KANA_COOKIE: ("on", "off")}
"""What a person may switch on any page, and to what; the browser remembers it until it is closed."""


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


def kana_of(request: web.BaseRequest) -> bool:
    """Say whether this screen was switched to readings over its words; only Japanese has them."""
    return request.cookies.get(KANA_COOKIE) == "on" and language_of(request) == "ja"


def switched(request: web.BaseRequest, **choice: str) -> str:
    """Return the address of the page that is shown, with a choice put on it."""
    return str(request.rel_url.update_query(choice))


@web.middleware
async def language_switch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer `?lang=` and `?kana=` on any page by remembering the choice and showing the page again without it.

    A page that only a press gives cannot be shown again: its choice leads to the beginning.
    """
    chosen = {
        name: request.query[name]
        for name, allowed in CHOICES.items()
        if request.query.get(name) in allowed
    }
    if request.method != "GET" or not chosen:
        return await handler(request)
    rest = request.rel_url.with_query(
        [(key, value) for key, value in request.query.items() if key not in CHOICES],
    )
    pressed_only = isinstance(request.match_info.http_exception, web.HTTPMethodNotAllowed)
    answer = web.HTTPSeeOther(location="/" if pressed_only else str(rest))
    for name, value in chosen.items():
        answer.set_cookie(name, value, samesite="Strict", httponly=True, path="/")
    raise answer

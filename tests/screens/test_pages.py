"""Pages: escaped, in two languages, with the house's layout."""

from pathlib import Path

import jinja2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from screens.language import language_switch, read_texts
from screens.pages import STATIC, Pages, add_house_static


def _pages(folder: Path) -> Pages:
    (folder / "page.html").write_text(
        '{% extends "house.html" %}{% block title %}{{ t("title") }}{% endblock %}'
        "{% block service %}S{% endblock %}{% block owner %}O{% endblock %}"
        '{% block main %}<p>{{ name }}</p>{{ t("hello", n=3) }}{% endblock %}',
        encoding="utf-8",
    )
    texts = folder / "texts.toml"
    texts.write_text(
        '[title]\nja = "題"\nen = "Title"\n[hello]\nja = "{n}件"\nen = "{n} items"\n',
        encoding="utf-8",
    )
    return Pages(folder, read_texts(texts), {})


def test_what_a_person_typed_is_escaped(tmp_path: Path) -> None:
    """A name with a tag in it is text."""
    drawn = _pages(tmp_path).draw("page.html", "ja", {"name": "<script>", "path": "/"})
    assert "<p>&lt;script&gt;</p>" in drawn


@pytest.mark.parametrize(("language", "words"), [("ja", "3件"), ("en", "3 items")])
def test_a_sentence_is_said_in_the_screen_s_language(
    tmp_path: Path, language: str, words: str
) -> None:
    """With its values put in."""
    drawn = _pages(tmp_path).draw("page.html", language, {"name": "", "path": "/"})  # type: ignore[arg-type]
    assert words in drawn
    assert f'<html lang="{language}">' in drawn


def test_fail__a_page_that_names_an_unknown_value(tmp_path: Path) -> None:
    """Our own mistake is found at once, not shown as nothing."""
    with pytest.raises(jinja2.UndefinedError):
        _pages(tmp_path).draw("page.html", "ja", {"path": "/"})


async def test_the_language_switch_is_remembered(tmp_path: Path) -> None:
    """?lang=en answers with the page without it, and every later page is English."""
    pages = _pages(tmp_path)

    async def show(request: web.Request) -> web.Response:
        return pages.answer(request, "page.html", {"name": ""})

    app = web.Application(middlewares=[language_switch])
    app.router.add_get("/", show)
    async with TestClient(TestServer(app)) as client:
        switched = await client.get("/?lang=en&x=1", allow_redirects=False)
        page = await (await client.get("/")).text()
    assert switched.headers["Location"] == "/?x=1"
    assert "3 items" in page


async def test_the_house_s_static_files_are_served() -> None:
    """Stylesheet, icons and the vendored script."""
    app = web.Application()
    add_house_static(app)
    async with TestClient(TestServer(app)) as client:
        for name in ("house.css", "icons.svg", "vendor/htmx-4.0.1/htmx.min.js"):
            assert (await client.get(f"/house/{name}")).status == 200


def test_every_vendored_thing_brings_its_licence() -> None:
    """Beside each, as its authors ask."""
    for folder in (STATIC / "vendor").iterdir():
        assert (folder / "LICENSE").is_file(), folder.name

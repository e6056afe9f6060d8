"""The page as one file: styles, script, sentences and the city's public keys put in, and nothing else allowed."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment

import screens
from procedures.definition import load, names
from screens.language import read_texts
from sync.bundle import KeyBundle

HERE: Final = Path(__file__).parent
HOUSE: Final = Path(screens.__file__).parent / "static"
STYLES: Final = (
    HOUSE / "vendor" / "design-tokens-1.1.9" / "tokens.css",
    HOUSE / "house.css",
    HERE / "page.css",
)
SCRIPTS: Final = ("reading.js", "judging.js", "showing.js")
ICONS: Final = frozenset({"bus", "check", "warn", "stop", "info"})

# What a slip's header calls the thing: all that city hall's intake can see, and so all its receipt can say.
_KINDS: Final = {
    "application": ("申請", "Application"),
    "correction": ("補正", "Correction"),
}
_BOX, _HALL = 1, 2


def make_page(bundle: KeyBundle, city: str) -> str:
    """Return the page's text for one city; `bundle` is verified by the caller."""
    style = "\n".join(path.read_text(encoding="utf-8") for path in STYLES)
    script = '"use strict";\n' + "\n".join(_read(name) for name in SCRIPTS)
    sentences = _sentences()
    given = json.dumps(_given(bundle, sentences), ensure_ascii=True, sort_keys=True)
    page = Environment(autoescape=True).from_string(_read("page.html"))
    return page.render(
        city=city,
        say=sentences,
        policy=_policy(style, script),
        icon=base64.b64encode((HOUSE / "icon.svg").read_bytes()).decode("ascii"),
        style=style,
        symbols=_symbols(),
        # No text inside may end the element it stands in.
        given=given.replace("<", "\\u003c"),
        script=script,
    )


def _given(bundle: KeyBundle, sentences: dict[str, list[str]]) -> dict[str, Any]:
    forms = {name: load(name).title for name in names()}
    halls = [
        {"id": key.key_id.hex(), "form": _HALL, "ed25519": key.ed25519.hex()}
        for key in bundle.countersigners
    ]
    boxes = [
        {
            "id": one.verify.key_id.hex(),
            "form": _BOX,
            "ed25519": one.verify.ed25519.hex(),
            "name": one.name,
            "revoked": one.revoked
            and {"at": int(one.revoked.at.timestamp()), "journal": one.revoked.journal},
        }
        for one in bundle.devices
    ]
    return {
        "version": bundle.version,
        "issued": int(bundle.issued.timestamp()),
        "expires": int(bundle.expires.timestamp()),
        "keys": [*halls, *boxes],
        "procedures": {**_KINDS, **{name: [title.ja, title.en] for name, title in forms.items()}},
        "say": sentences,
    }


def _sentences() -> dict[str, list[str]]:
    entries = read_texts(HERE / "texts.toml").entries
    return {key: [entry["ja"], entry["en"]] for key, entry in entries.items()}


def _symbols() -> str:
    drawn = (HOUSE / "icons.svg").read_text(encoding="utf-8")
    found = re.finditer(r'<symbol id="([a-z-]+)".*?</symbol>', drawn)
    return "".join(one[0] for one in found if one[1] in ICONS)


def _policy(style: str, script: str) -> str:
    """Return the page's policy: this style, this script, pictures inside the file, and no request at all."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"sha256-{base64.b64encode(digest).decode('ascii')}"


def _read(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")

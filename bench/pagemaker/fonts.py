"""Finds the fonts that pages are printed, typed and written in; each part falls back to what is installed."""

from functools import cache
from importlib.resources import files
from pathlib import Path

from PIL import ImageFont

HOMES = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# Per part: names and file names. The second half of a part (after None) is held back for the pages that judge.
PRINT_MINCHO = (
    "ipaexm.ttf",
    "NotoSerifCJK-Regular.ttc",
    None,
    "ume-tmo3.ttf",
    "sawarabi-mincho-medium.ttf",
)
PRINT_GOTHIC = (
    "ipaexg.ttf",
    "NotoSansCJK-Regular.ttc",
    "BIZUDPGothic-Regular.ttf",
    None,
    "VL-PGothic-Regular.ttf",
    "ume-tgo4.ttf",
    "mtlmr3m.ttf",
)
TYPED = (
    "ipaexm.ttf",
    "BIZUDGothic-Regular.ttf",
    "NotoSansCJK-Regular.ttc",
    None,
    "VL-Gothic-Regular.ttf",
    "ipamjm.ttf",
    "mtlc3m.ttf",
)
HAND = (
    "kiloji.ttf",
    "KleeOne-Regular.ttf",
    "YOzRN_.ttf",
    None,
    "setofont.ttf",
    "YuseiMagic-Regular.ttf",
    "YOzBC_90.ttf",
)
PARTS = {"mincho": PRINT_MINCHO, "gothic": PRINT_GOTHIC, "typed": TYPED, "hand": HAND}


@cache
def _paths() -> dict[str, Path]:
    kinds = (".ttf", ".ttc", ".otf")
    found = [path for home in HOMES if home.is_dir() for path in home.rglob("*")]
    return {path.name.lower(): path for path in found if path.suffix.lower() in kinds}


@cache
def choices(part: str, *, held: bool) -> tuple[str, ...]:
    """Name the installed font files of a part: the usual ones, or those held back."""
    names = PARTS[part]
    middle = names.index(None)
    asked = names[middle + 1 :] if held else names[:middle]
    there = tuple(name for name in asked if name and name.lower() in _paths())
    others = tuple(name for name in names if name and name.lower() in _paths())
    return there or others or ("",)


@cache
def _file(name: str) -> str:
    if name.lower() in _paths():
        return str(_paths()[name.lower()])
    return str(files("noto_cjk_sans_jp_regular") / "NotoSansCJKjp-Regular.otf")


@cache
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """Load a font file at a size; an unknown or absent name gives Noto CJK, which knows every sign we write."""
    return ImageFont.truetype(_file(name), max(4, pixels))


@cache
def knows(name: str, sign: str) -> bool:
    """Whether the font has a picture of its own for the sign."""
    if sign.isspace():
        return True
    probe = font(name, 32)
    unknown, shape = probe.getmask("\U0010fffe"), probe.getmask(sign)
    return bool(shape.getbbox()) and bytes(shape) != bytes(unknown)

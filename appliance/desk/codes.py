"""The receipt's address as a QR picture (SVG), dark on white, four modules of quiet zone."""

import io

import segno

QUIET_MODULES = 4


def qr_code(text: str) -> segno.QRCode:
    """Return the code at level M. The digits behind `#` are packed as digits, which holds it at version 11."""
    place, mark, digits = text.partition("#")
    packed = mark and digits.isascii() and digits.isdecimal()
    content = [place + mark, digits] if packed else text
    # The library takes a list as one segment each; its types do not say so.
    return segno.make(content, error="m", micro=False)  # type: ignore[arg-type]


def qr_width(text: str) -> int:
    """Return how many modules the picture is wide, its quiet zone with it."""
    width, _ = qr_code(text).symbol_size(border=QUIET_MODULES)
    return int(width)


def qr_svg(text: str, *, label: str = "") -> str:
    """Return the SVG; `label` is what a screen reader says instead of the picture."""
    out = io.BytesIO()
    qr_code(text).save(
        out,
        kind="svg",
        border=QUIET_MODULES,
        xmldecl=False,
        svgns=True,
        omitsize=True,
        light="#fff",
        title=label or None,
    )
    return out.getvalue().decode("utf-8").strip()

"""The receipt's address as a QR picture (SVG), dark on white, four modules of quiet zone."""

import io

import segno

QUIET_MODULES = 4


def qr_svg(text: str, *, label: str = "") -> str:
    """Return the SVG; `label` is what a screen reader says instead of the picture."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
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

"""Opens any rung of a page as a picture: tones, a first look, a residual on its blank, or a common picture."""

import io
from collections.abc import Iterable
from typing import Final

from PIL import Image

from papers import leaf, look, residual
from papers.blank import Blank
from papers.opening import Picture, open_picture
from papers.tones import shown

TONES, LOOK, RESIDUAL, AVIF = leaf.MEDIA_TYPE, look.MEDIA_TYPE, residual.MEDIA_TYPE, "image/avif"
OWN_TYPES: Final = frozenset({TONES, LOOK, RESIDUAL})
"""What no browser shows by itself."""
WRITTEN_TYPE: Final = "image/jpeg"
_QUALITY: Final = 88
_MARKS: Final = {leaf.MARK: TONES, look.MARK: LOOK, residual.TYPE_MARK: RESIDUAL}


def type_of(data: bytes) -> str:
    """Tell the media type of a rung by its first bytes; what is not ours is AVIF."""
    return _MARKS.get(data[:4], AVIF)


def for_browser(data: bytes, media_type: str, blanks: Iterable[Blank] = ()) -> tuple[bytes, str]:
    """Give a picture of our own and its media type as every browser shows it; raises what `open_any` raises.

    For bytes of this machine's own making only: others go through `papers.showing`.
    """
    if media_type not in OWN_TYPES:
        return data, media_type
    return written(open_any(data, blanks)), WRITTEN_TYPE


def written(picture: Picture) -> bytes:
    """Write an RGB picture as `WRITTEN_TYPE`."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=_QUALITY, subsampling=0)
    return out.getvalue()


def open_any(data: bytes, blanks: Iterable[Blank] = ()) -> Picture:
    """Show a rung as an RGB picture; raises LeafError, ResidualError or PictureRefusedError."""
    kind = type_of(data)
    if kind == TONES:
        return shown(leaf.read_leaf(data))
    if kind == LOOK:
        return look.read_look(data)
    if kind == RESIDUAL:
        return residual.compose(data, {bytes.fromhex(one.sha256): one for one in blanks}).picture
    return open_picture(data)

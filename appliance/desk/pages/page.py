"""What a worker does with one sheet, from foreign bytes to a read sheet."""

from collections.abc import Callable

import cv2
import numpy as np

from appliance.desk.pages import encode, findings, qr
from appliance.desk.pages.imaging import Picture, PictureRefusedError, open_picture
from appliance.desk.pages.sheet import QrCode, ReadSheet, unreadable


class PageDesk:
    """Reads sheets one after another; keeps the models between sheets."""

    def read(self, data: bytes, deep: Callable[[QrCode | None], bool]) -> ReadSheet:
        """Read one sheet; a picture that cannot be used comes back as "unreadable"."""
        try:
            picture = open_picture(data)
        except PictureRefusedError as refusal:
            return unreadable(refusal.finding)
        codes = qr.find_codes(picture)
        city = qr.city_code(codes)
        code = None if city is None else city[0]
        deep(code)
        quarter = 0 if city is None else round(city[1].angle / 90) % 4
        picture = _turn(picture, quarter)
        rotation = (-90 * quarter) % 360
        told = (findings.turned(rotation),) if rotation else ()
        return ReadSheet(
            kind="form_front" if code else "other",
            rotation=rotation,
            width=picture.shape[1],
            height=picture.shape[0],
            qr=code,
            fields=(),
            findings=told,
            page=encode.encode_page(picture),
            page_type=encode.PAGE_TYPE,
            preview=encode.encode_preview(picture),
            preview_type=encode.PREVIEW_TYPE,
        )


def _turn(picture: Picture, quarter: int) -> Picture:
    turns = {1: cv2.ROTATE_90_COUNTERCLOCKWISE, 2: cv2.ROTATE_180, 3: cv2.ROTATE_90_CLOCKWISE}
    return picture if quarter == 0 else np.asarray(cv2.rotate(picture, turns[quarter]), np.uint8)

"""Era dates as they are read from preprinted or handwritten rows: words misread by one stroke are put right first."""

import re
import unicodedata

_ERAS = (
    (re.compile(r"[合今命冷令][和利租]"), "令和"),
    (re.compile(r"[昭沼招照][和利租]"), "昭和"),
    (re.compile(r"平[成威戍]"), "平成"),
    (re.compile(r"大[正止]"), "大正"),
)
_NUMBER = r"\s*(?:\d\s?\d|\d|元)\s*"
_YEAR = re.compile(rf"((?:令和|昭和|平成|大正|明治){_NUMBER})[年午牛手]({_NUMBER})")
_MONTH = re.compile(rf"(年{_NUMBER})[月日目曰且用]({_NUMBER})")
_INNER = re.compile(r"(?<=\d)\s+(?=\d\s*[年月日])")


def mended(text: str) -> str:
    """Put misread era words and the marks between year, month and day right; their order leaves no choice."""
    flat = unicodedata.normalize("NFKC", text)
    for pattern, era in _ERAS:
        flat = pattern.sub(era, flat)
    flat = _YEAR.sub(r"\1年\2", flat)
    flat = _MONTH.sub(r"\1月\2", flat)
    return _INNER.sub("", flat)

"""Words of an era date that were misread by a stroke are put right; nothing else is."""

import pytest

from appliance.desk.pages.eras import mended


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("合和 8 年4月30日", "令和 8 年4月30日"),
        ("今和8年3月1日", "令和8年3月1日"),
        ("令和4 年5 日1 日", "令和4 年5 月1 日"),
        ("昭和13午5月24日", "昭和13年5月24日"),
        ("平戍3年1月2日", "平成3年1月2日"),
        ("令和 1 2年3月4日", "令和 12年3月4日"),
        ("090-1234-5678", "090-1234-5678"),
        ("昭和会館", "昭和会館"),
    ],
)
def test_mended(read: str, meant: str) -> None:
    """Order leaves no choice: after the year comes the month."""
    assert mended(read) == meant

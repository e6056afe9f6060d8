"""Signs and widths: names stay as written, comparison is fair, and CP932 loses nothing silently."""

import pytest

from procedures import text
from procedures.text import Substitution


@pytest.mark.parametrize(
    "name",
    [
        "髙﨑　𠮷雄",
        "濵田　德彅",
        "辻\U000e0100　葛\U000e0101",
        "\ufa19\ufa1a",
        "①㈱№",
        "〜－−",
        "ＡＢＣ１２３",
    ],
)
def test_ok__as_written(name: str) -> None:
    """No sign of a name or address is ever replaced."""
    assert text.as_written(name) == name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  髙橋  ", "髙橋"),
        ("髙\x00橋\x07", "髙橋"),
        ("か\u3099", "が"),
        ("\ufa19か\u3099\ufa19", "\ufa19が\ufa19"),
        ("", ""),
        ("\u3000髙橋\u3000", "髙橋"),
    ],
)
def test_as_written_cleans(given: str, kept: str) -> None:
    """Blanks at the ends and control signs go; split kana are joined."""
    assert text.as_written(given) == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("髙橋 花", "髙橋　花"),
        ("髙橋　 花", "髙橋　花"),
        ("髙橋\t花", "髙橋　花"),
        ("髙橋花", "髙橋花"),
    ],
)
def test_one_space(given: str, kept: str) -> None:
    """Family and given name are parted by one full-width space."""
    assert text.one_space(given) == kept


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("見本町３丁目４番５号", "見本町3丁目4番5号"),
        ("見本町３－４－５", "見本町3-4-5"),
        ("見本町3ー4ー5", "見本町3-4-5"),
        ("見本町3−4", "見本町3-4"),
        ("見本町3-4　ハイツ203", "見本町3-4ハイツ203"),
        ("髙橋　花", "髙橋 花"),
    ],
)
def test_ok__for_comparison(one: str, two: str) -> None:
    """What two papers merely write differently counts as the same."""
    assert text.for_comparison(one) == text.for_comparison(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("髙橋", "高橋"),
        ("𠮷雄", "吉雄"),
        ("コーポ", "コ-ポ"),
        ("見本町1-23", "見本町12-3"),
        ("辻", "辻\U000e0100"),
    ],
)
def test_fail__for_comparison(one: str, two: str) -> None:
    """Another sign is another name; a vowel mark is no hyphen."""
    assert text.for_comparison(one) != text.for_comparison(two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("髙﨑　𠮷雄", "高崎 吉雄"),
        ("渡邉　トシ", "渡辺トシ"),
        ("渡邊　トシ", "渡邉トシ"),
        ("齊藤　文夫", "斎藤文夫"),
        ("辻\U000e0100", "辻"),
        ("濵田　德子", "浜田徳子"),
    ],
)
def test_ok__alike(one: str, two: str) -> None:
    """Another drawing of a name's sign is no other person."""
    assert text.alike(one, two)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("髙橋　花", "髙橋　葉"),
        ("佐藤　誠", "佐藤　誠一"),
        ("大田", "太田"),
        ("0012345678", "0012345687"),
    ],
)
def test_fail__alike(one: str, two: str) -> None:
    """Another sign is another person."""
    assert not text.alike(one, two)


@pytest.mark.parametrize(
    ("given", "kana"),
    [
        ("タカサキ　ヨシオ", "タカサキ　ヨシオ"),
        ("たかさき よしお", "タカサキ　ヨシオ"),
        ("ﾀｶｻｷ ﾖｼｵ", "タカサキ　ヨシオ"),
        ("ｶﾞｯｷｰ", "ガッキー"),
        ("ヴィオラ", "ヴィオラ"),
        ("カ-ル", "カール"),
        ("ァィゥ", "ァィゥ"),
    ],
)
def test_full_width_kana(given: str, kana: str) -> None:
    """Hiragana and half-width kana become full-width katakana; small kana stay small."""
    assert text.full_width_kana(given) == kana


@pytest.mark.parametrize(
    ("given", "kana"),
    [
        ("タカサキ　ヨシオ", "ﾀｶｻｷ ﾖｼｵ"),
        ("ガッキー", "ｶﾞｯｷｰ"),
        ("パピプ", "ﾊﾟﾋﾟﾌﾟ"),
        ("ヴ", "ｳﾞ"),
        ("ナカ・ハラ", "ﾅｶ･ﾊﾗ"),
    ],
)
def test_half_width_kana(given: str, kana: str) -> None:
    """Old exchange files write a voiced kana as two signs."""
    assert text.half_width_kana(given) == kana


@pytest.mark.parametrize(
    ("given", "wide"),
    [
        ("3-4", "３－４"),
        ("A 1", "Ａ　１"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("髙橋", "髙橋"),
    ],
)
def test_full_width(given: str, wide: str) -> None:
    """ASCII and half-width kana go to full width; ideographs stay."""
    assert text.full_width(given) == wide


@pytest.mark.parametrize("sign", list("髙﨑濵德彅①㈱あ亜～－∥"))
def test_ok__to_cp932(sign: str) -> None:
    """Signs of CP932 travel as they are and nothing is reported."""
    assert text.to_cp932(sign) == (sign.encode("cp932"), ())


@pytest.mark.parametrize(
    ("sign", "sent"),
    [
        ("𠮷", "吉"),
        ("—", "―"),
        ("½", "１／２"),
        ("\u00a0", " "),
        ("〜", "～"),
        ("−", "－"),
        ("‖", "∥"),
        ("¢", "￠"),
        ("¬", "￢"),
        ("😀", "〓"),
        ("𡈽", "〓"),
        ("\U000e0100", ""),
        ("\ufe00", ""),
    ],
)
def test_to_cp932_reports(sign: str, sent: str) -> None:
    """Whatever changes on the way is listed, the silent changes too."""
    data, changes = text.to_cp932(f"あ{sign}い")
    assert data.decode("cp932") == f"あ{sent}い"
    assert changes == (Substitution(1, sign, sent),)


def test_to_cp932_never_asks() -> None:
    """No sign becomes a question mark."""
    data, _ = text.to_cp932("𠮷😀\U000e0100½")
    assert b"?" not in data


def test_to_cp932_places_count_signs() -> None:
    """Places are counted in the text that was given."""
    _, changes = text.to_cp932("𠮷田と𠮷川")
    assert [change.place for change in changes] == [0, 3]

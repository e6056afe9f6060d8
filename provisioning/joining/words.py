"""256 short Japanese words: three of them stand for 24 bits that two people compare by voice."""

from typing import Final

COUNT: Final = 3
_LISTED: Final = """
    あさひ いるか うさぎ えのき おにぎり かえる きつね くじら けむし こたつ さくら しまうま
    すいか せみ そら たぬき ちくわ つばめ てがみ とうふ なまず にわとり ぬりえ ねこ
    のり はさみ ひまわり ふね へちま ほたる まくら みかん むぎ めだか もみじ やかん
    ゆのみ よもぎ らくだ りんご るす れもん ろば わさび あひる いちご うどん えび
    おりがみ かさ きのこ くり けいと ことり さんま しいたけ すずめ せなか そば たけのこ
    ちず つくし てぶくろ とけい なす にじ ぬの ねぎ のれん はと ひつじ ふうせん
    へび ほうき まつり みずうみ むかで めがね ももたろう やぎ ゆき よる らいおん りす
    るり れんこん ろうか わに あめ いわし うめ えんぴつ おに かに きりん くも
    けやき こま さる しか すみれ せんべい そり たこ ちから つき てら とり
    なべ にんじん ぬま ねずみ のはら はくさい ひざ ふくろう へや ほし まど みそしる
    むらさき めん もち やま ゆびわ よこづな らんぷ りぼん あり いし うま えがお
    おけ かめ きく くつ けしき こけし さめ しお すな せともの そで たいこ
    ちえ つの てんぐ とんぼ なみ にもつ ぬか ねんど のこぎり はな ひと ふえ
    へいわ ほね まめ みなと むすび めいし もり やね ゆか よろい らでん りか
    あんず いど うし えき おび かき きり くま けずりぶし こめ さけ しろ
    すし せき そうめん たに ちどり つぼ てつ となり なつ にく ぬいめ ねつ
    のみ はし ひも ふじ へそ ほん まり みみ むね めろん もも やさい
    ゆげ よだか らいめい りんどう あわび いと うちわ えりまき おか かもめ きじ くるま
    けん こい さら しし すみ せいざ そと たき ちり つる てまり とびら
    なし にがうり ぬくもり ねいろ のぼり はち ひばり ふた へら ほうれんそう まつ みち
    むし めし もん やなぎ ゆみ よつば らくがき りく あし いけ うなぎ えだまめ
    おもち かつお きなこ くわ
"""
_SPELLED: Final = """
    あ:a い:i う:u え:e お:o か:ka き:ki く:ku け:ke こ:ko さ:sa し:shi す:su せ:se
    そ:so た:ta ち:chi つ:tsu て:te と:to な:na に:ni ぬ:nu ね:ne の:no は:ha ひ:hi ふ:fu
    へ:he ほ:ho ま:ma み:mi む:mu め:me も:mo や:ya ゆ:yu よ:yo ら:ra り:ri る:ru れ:re
    ろ:ro わ:wa ん:n が:ga ぎ:gi ぐ:gu げ:ge ご:go ざ:za じ:ji ず:zu ぜ:ze ぞ:zo だ:da
    ぢ:ji づ:zu で:de ど:do ば:ba び:bi ぶ:bu べ:be ぼ:bo ぱ:pa ぴ:pi ぷ:pu ぺ:pe ぽ:po
"""
_WORDS: Final = tuple(_LISTED.split())
_LETTERS: Final = dict(pair.split(":") for pair in _SPELLED.split())


def words_of(digest: bytes, count: int = COUNT) -> tuple[str, ...]:
    """Return the words of the digest's first bytes, one word a byte."""
    return tuple(_WORDS[one] for one in digest[:count])


def shown(words: tuple[str, ...]) -> str:
    """Return the words as both screens show them: kana, and beside it letters for a console without kana."""
    return f"{'・'.join(words)} ({' '.join(map(_letters, words))})"


def _letters(word: str) -> str:
    return "".join(_LETTERS[one] for one in word)

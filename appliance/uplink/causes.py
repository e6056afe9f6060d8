"""Why there is no session, in words: each failure is counted by its cause, and a person is told what to do."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final

from sync.refusals import Refused


class Cause(Enum):
    """The kinds of failure; the value is the word in logs, counts and JSON."""

    NO_NETWORK = "no_network"
    NO_NAME = "no_name"
    NO_ANSWER = "no_answer"
    NOBODY_THERE = "nobody_there"
    HALL_NOT_TRUSTED = "hall_not_trusted"
    NOT_ADMITTED = "not_admitted"
    REFUSED = "refused"
    SILENT = "silent"
    LINE_BROKE = "line_broke"
    HALL_BROKE_RULE = "hall_broke_rule"
    HISTORY_BROKE = "history_broke"
    OUR_DISK = "our_disk"
    OURS = "ours"


# Cause -> (Japanese, English): what is the matter, and what helps.
SENTENCES: Final[Mapping[Cause, tuple[str, str]]] = MappingProxyType(
    {
        Cause.NO_NETWORK: (
            "電波が届いていません。書類は車内に安全に保管され、つながり次第送られます。",
            "no network: the box has no road to anywhere; it sends as soon as the radio is back",
        ),
        Cause.NO_NAME: (
            "市役所のあて先が見つかりません。電波が弱いか、設定のあて先が違います。",
            "no name: the intake's name was not found; weak radio, or hall_url is wrong",
        ),
        Cause.NO_ANSWER: (
            "電波はありますが、データが通りません。自動でやり直しています。",
            "no answer: the radio is there but no data passes; the box keeps trying",
        ),
        Cause.NOBODY_THERE: (
            "市役所の受付が止まっています。市役所の担当へ連絡してください。",
            "nobody there: the intake does not take connections; tell the city's operations",
        ),
        Cause.HALL_NOT_TRUSTED: (
            "接続先が市役所と確かめられません。送らずに保管しています。",
            "hall not trusted: who answers has no certificate of our city; nothing was sent",
        ),
        Cause.NOT_ADMITTED: (
            "この車の証明書を市役所が受け付けません。再登録が必要です。",
            "not admitted: city hall does not accept this box's certificate; renew it or enrol the box again",
        ),
        Cause.REFUSED: (
            "市役所の受付がこの車を断りました。",
            "refused: city hall said no with a number",
        ),
        Cause.SILENT: (
            "市役所からの応答が途切れました。つなぎ直しています。",
            "silent: city hall said nothing for three heartbeats; the box dials again",
        ),
        Cause.LINE_BROKE: (
            "通信が途中で切れました。続きから送り直します。",
            "line broke: the connection was cut; sending goes on from the last durable byte",
        ),
        Cause.HALL_BROKE_RULE: (
            "市役所の応答に誤りがあります。市役所の担当へ連絡してください。",
            "hall broke a rule: what came does not keep the protocol; tell the city's operations",
        ),
        Cause.HISTORY_BROKE: (
            "市役所の受付簿が以前と合いません。この車の書類を送り直しています。",
            "history broke: city hall's log does not extend the one seen before; what is still here goes again",
        ),
        Cause.OUR_DISK: (
            "車内の保存場所に書き込めません。お預かり済みの書類は安全です。空きをつくると自動で続きます。",
            "our disk: the box's own disk takes nothing; what was kept is safe; make room, and it goes on by itself",
        ),
        Cause.OURS: (
            "車内の通信部に不具合があります。再起動しています。",
            "ours: the uplink itself failed; its log says where",
        ),
    }
)


class LinkError(Exception):
    """An attempt or a session ended; `cause` is counted, `fact` is for the log and the health page."""

    def __init__(self, cause: Cause, fact: str = "", code: int | None = None) -> None:
        ja, en = SENTENCES[cause]
        super().__init__(f"{en}{f' ({fact})' if fact else ''}")
        self.cause = cause
        self.fact = fact
        self.code = code
        self.ja = f"{ja}{f'(番号 {code})' if code is not None else ''}"
        self.en = str(self)


def of_refusal(code: int, sentence: str, *, ours: bool) -> LinkError:
    """Return the failure for the end of a session."""
    if code == Refused.SILENT and ours:
        return LinkError(Cause.SILENT, sentence, code)
    cause = Cause.HALL_BROKE_RULE if ours else Cause.REFUSED
    return LinkError(cause, f"{code}: {sentence}", code)

"""An erasure's certificate (消去証明書) as one page of HTML to read and print: Japanese first, English beside it."""

import base64
import textwrap
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from html import escape
from pathlib import Path

from cityhall.office.erasure import METHOD, Certificate

JAPAN = timezone(timedelta(hours=9))
LINE = 76

_REASONS = {
    "retention": "保存期間の満了 / retention is over",
    "law": "法令・裁判所の決定 / law or court",
    "mistake": "誤って受け付けた申請 / filed by mistake",
}
_METHODS = {
    METHOD: "個別鍵の削除とデータベースの再構成、封緘データの削除、台帳行の削除 / "
    "its own key deleted and that database rewritten, sealed bytes deleted, rows deleted"
}
SHEET = Path(__file__).parent / "web" / "static" / "certificate.css"


def certificate_file(one: Certificate, signed: bytes, city: str, title: str) -> str:
    """Return a checked certificate's page as a file that needs no other; `title` names the procedure."""
    style = f"<style>\n{SHEET.read_text(encoding='utf-8')}</style>"
    return _page(one, signed, city, title, head=style, back="")


def certificate_screen(one: Certificate, signed: bytes, city: str, title: str) -> str:
    """Return the same page for the office's server, which lets no style stand inside a page, with the way back."""
    back = '<p class="back"><a href="/erasures">消去の一覧へ <span lang="en">Back to the erasures</span></a></p>\n'
    return _page(
        one,
        signed,
        city,
        title,
        head=f'<link rel="icon" href="/house/icon.svg"><link rel="stylesheet" href="/office/{SHEET.name}">',
        back=back,
    )


def _page(one: Certificate, signed: bytes, city: str, title: str, *, head: str, back: str) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>'
        for label, value in _rows(one, title)
    )
    text = "\n".join(textwrap.wrap(base64.b64encode(signed).decode(), LINE))
    return f"""<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>消去証明書 {escape(one.filing_no)}</title>
{head}</head><body><main>
{back}<h1>消去証明書 <small lang="en">Certificate of erasure</small></h1>
<p>{escape(city)}は、次の申請の情報を消去したことを証明します。<br>
<span lang="en">{escape(city)} certifies that the information of this application was erased.</span></p>
<table>{rows}</table>
<p>{_left(one)}</p>
<h2>電子署名 <small lang="en">Signed form (Ed25519, ML-DSA-44)</small></h2>
<pre>{text}</pre>
</main></body></html>
"""


def _rows(one: Certificate, title: str) -> Iterator[tuple[str, str]]:
    yield "受付番号 / filing number", one.filing_no
    yield "手続 / procedure", f"{title}（{one.procedure}）"
    yield "申請日 / filing date", one.filing_day.isoformat()
    yield "申請の識別値 / case hash", one.case_hash.hex()
    for slip in one.slips:
        yield "封書の識別値 / slip SHA-256", slip.hex()
    yield "消去した鍵 / key deleted", one.key_id.hex() or "なし / none"
    yield "方法 / method", _METHODS.get(one.method, one.method)
    yield "理由 / reason", _REASONS.get(one.reason, one.reason)
    yield "消去日時 / erased at", _time(one.erased_at)
    yield "提案者 / proposed by", one.proposer
    yield "確認者 / confirmed by", one.confirmer


def _left(one: Certificate) -> str:
    """Return what could still open a copy that somebody recorded: said plainly."""
    months = "、".join(one.epochs)
    if months:
        return (
            f"通信路などで複製された封書は、開封鍵（{escape(months)}）が廃棄されるまでは、その鍵で開きます。"
            "回復鍵でも開きます。<br><span lang='en'>A copy recorded elsewhere opens by the month's key "
            f"({escape(months)}) until that is shredded, and by the recovery key.</span>"
        )
    return (
        "月の開封鍵は廃棄済みです。複製された封書があっても、回復鍵（３人中２人で復元）以外では開きません。"
        "<br><span lang='en'>The month's key is shredded; a copy recorded elsewhere opens by nothing but the "
        "recovery key, which two of three holders restore.</span>"
    )


def _time(moment: datetime) -> str:
    return moment.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M:%S JST")

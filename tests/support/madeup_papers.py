"""Made-up people and their papers: sheets whose bytes are JSON that says what stands on them."""

import io
import json
from collections.abc import Mapping, Sequence
from functools import cache

from PIL import Image, ImageDraw

from sync.letters import DueEntry


@cache
def drawn(kind: str, word: str) -> tuple[bytes, bytes]:
    """Draw a plain page: lines where writing would be."""
    page = Image.new("RGB", (640, 905), "white")
    pen = ImageDraw.Draw(page)
    pen.text((60, 40), f"{kind} {word}", fill="black")
    for row in range(100, 860, 40):
        pen.line((60, row, 580, row), fill="#888888")
    return _webp(page), _webp(page.resize((210, 297)))


def _webp(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "webp", quality=60)
    return out.getvalue()


def person(number: int, /, **changed: str) -> dict[str, str]:
    """Return the answers of a made-up person whose renewal is complete."""
    names = ("髙﨑　𠮷雄", "東海林　澄子", "工藤　ハナ", "佐々木　一郎", "菊池　ミツ", "及川　德次")
    kana = (
        "タカサキ　ヨシオ",
        "ショウジ　スミコ",
        "クドウ　ハナ",
        "ササキ　イチロウ",
        "キクチ　ミツ",
        "オイカワ　トクジ",
    )
    answers = {
        "application_kind": "2",
        "insurer_no": "032011",
        "insured_no": f"00123456{number:02}",
        "name_kana": kana[(number - 1) % len(kana)],
        "name": names[(number - 1) % len(names)],
        "birth_date": "1937-12-25",
        "sex": "2",
        "insured_class": "1",
        "postal_code": "020-0878",
        "address": f"岩手県盛岡市肴町{number}番1号",
        "phone": "019-651-0000",
        "medical_insurer_name": "岩手県後期高齢者医療広域連合",
        "medical_insurer_no": "39030010",
        "number": f"0123{number:04}",
        "prev_result": "23",
        "prev_valid_from": "2025-10-01",
        "prev_valid_to": "2026-09-30",
        "current_place.kind": "home",
        "current_place.past": "no",
        "physician.name": "岩手　太郎",
        "physician.hospital": "肴町クリニック",
        "filer.kind": "proxy_filer",
        "filer.office_kind": "homecare_support_office",
        "filer.office_name": "居宅介護支援事業所きたかみ",
        "survey.contact": "工藤　真",
        "survey.phone": "019-651-1111",
        "survey.place": "home",
        "consent_disclosure": "yes",
        "consent_name": names[(number - 1) % len(names)],
    }
    return {**answers, **changed}


def due(number: int, /, **changed: str) -> DueEntry:
    """Return the due list's entry of that person; an answer set to "" is left out."""
    answers = {key: value for key, value in person(number, **changed).items() if value}
    return DueEntry(f"R{number:05}", answers["insured_no"], tuple(answers.items()))


def front(number: int, salt: str = "") -> bytes:
    """Return a form's front with the code of that person."""
    code = {"payload": f"KN1:032011:R{number:05}:0", "reference": f"R{number:05}"}
    return paper("form_front", qr=code, word=f"{number}{salt}")


def back(number: int, salt: str = "") -> bytes:
    """Return a form's back; it carries the same code."""
    code = {"payload": f"KN1:032011:R{number:05}:0", "reference": f"R{number:05}"}
    return paper("form_back", qr=code, word=f"{number}{salt}")


def card(number: int, salt: str = "", sure: float = 0.99) -> bytes:
    """Return an insurance card on which the number was read."""
    fields = [("insured_no", f"00123456{number:02}", sure)]
    return paper("insurance_card", fields=fields, word=f"{number}{salt}")


def paper(
    kind: str,
    *,
    qr: Mapping[str, str] | None = None,
    fields: Sequence[tuple[str, str, float]] = (),
    word: str = "",
    notes: Sequence[str] = (),
) -> bytes:
    """Return one made-up sheet; `notes` are the quality gate's remarks on its picture."""
    told = {"kind": kind, "qr": qr, "fields": list(fields), "word": word, "notes": list(notes)}
    return json.dumps(told, ensure_ascii=False).encode()


def stack(*numbers: int, salt: str = "") -> list[bytes]:
    """Return front, back and card of each person, in feeding order."""
    sheets = []
    for number in numbers:
        sheets += [front(number, salt), back(number, salt), card(number, salt)]
    return sheets

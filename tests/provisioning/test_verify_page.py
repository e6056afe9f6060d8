"""The page that checks receipts, in a real browser whose network is off: what holds holds, anything else is refused."""

import html
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from appliance.desk.printing import print_slips
from appliance.desk.receipts import BatchSlip, PersonSlip
from appliance.desk.totals import Totals
from provisioning import verify
from provisioning.verifier.page import make_page
from sync import canonical, shape
from sync.bundle import KeyBundle, Revoked
from sync.errors import SealError
from sync.receipt import BoxReceipt, HallReceipt, read_receipt, sign_receipt, to_text
from tests.support.desk_browser import violations
from tests.support.makers import (
    BOX,
    COUNTERSIGNER,
    EPOCH,
    OFFICE,
    ROOT,
    make_bundle,
    make_signer,
)
from tests.support.receipt_page import receipt_page
from tests.support.roots import bundle_text

pytestmark = pytest.mark.browser
HOST = "receipt.example.jp"
BUNDLE = make_bundle()
AT_BOX = BoxReceipt(
    env_id=b"e" * 16,
    envelope_sha256=bytes(range(32)),
    procedure="care-renewal",
    filed=EPOCH,
    not_before=EPOCH - timedelta(minutes=7),
    uncertainty_s=3,
    journal_seq=4711,
    device_key_id=make_signer(BOX).key_id,
)
AT_HALL = HallReceipt(
    env_id=b"e" * 16,
    envelope_sha256=bytes(range(32)),
    procedure="application",
    filing_no="R8-000123-6",
    filed=EPOCH,
    not_before=EPOCH - timedelta(minutes=7),
    received=EPOCH + timedelta(minutes=9),
    log_index=120,
    stage=2,
    key_id=make_signer(COUNTERSIGNER).key_id,
)
# A value at its place of a hall receipt, and the page's word for it.
UNTRUE: list[tuple[int, Any, str]] = [
    (5, shape.seconds_of(AT_HALL.received, "t") + 1, "refused_times"),
    (5, shape.seconds_of(AT_HALL.not_before, "t") - 1, "refused_times"),
    (7, shape.seconds_of(AT_HALL.filed, "t") - 1, "refused_times"),
    (4, "R8-000123-7", "refused_number"),
    (9, 3, "refused_form"),
    (8, True, "refused_form"),
    (3, "名", "refused_form"),
    (10, make_signer(OFFICE).key_id, "refused_key"),
    (10, make_signer(BOX).key_id, "refused_key"),
]


def _page(tmp_path: Path, bundle: KeyBundle = BUNDLE) -> Path:
    file = tmp_path / "verify.html"
    file.write_text(make_page(bundle, "盛岡市</script>"), encoding="utf-8")
    return file


def _signed(receipt: BoxReceipt | HallReceipt) -> bytes:
    return sign_receipt(receipt, make_signer(BOX if receipt is AT_BOX else COUNTERSIGNER))


def _forged(place: int, value: Any) -> bytes:
    """Return a hall receipt with one other value, signed all the same by the city's own key."""
    values = canonical.decode(_signed(AT_HALL)[:-64], 200)
    values[place] = value
    body = canonical.encode(values)
    return body + make_signer(COUNTERSIGNER).sign_short("hall-receipt/v1", body)


def _digits(data: bytes) -> str:
    return to_text(data, HOST).partition("#")[2]


def _changed(data: bytes) -> Iterator[bytes]:
    """Yield the receipt with every third of its bits turned, one at a time: each byte is met."""
    for bit in range(0, len(data) * 8, 3):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        yield bytes(turned)


async def test_ok__a_receipt_of_the_hall_says_everything(tmp_path: Path) -> None:
    """Number, times in Japan, stage and signer stand there; nothing was asked of any network."""
    async with receipt_page(_page(tmp_path)) as shown:
        assert await shown.read(to_text(_signed(AT_HALL), HOST)) == "holds"
        assert await shown.fact("number") == "R8-000123-6"
        assert "令和8年11月24日 10:00:00" in await shown.fact("filed")
        assert "2026-11-24 09:53:00 JST" in await shown.fact("not_before")
        assert "10:09:00" in await shown.fact("received")
        assert "市役所にすべて到着" in await shown.fact("stage")
        assert "市役所" in await shown.fact("signer")
        assert {one.partition("#")[0] for one in shown.asked} <= {
            "about:blank",
            shown.file.as_uri(),
        }
        assert shown.complaints == []
        assert await violations(shown.page) == []


async def test_ok__a_receipt_of_the_bus_says_that_city_hall_has_not_spoken(tmp_path: Path) -> None:
    """The procedure has its Japanese name, the number is the one on paper; a second code replaces the first."""
    async with receipt_page(_page(tmp_path)) as shown:
        assert await shown.read(to_text(_signed(AT_BOX), HOST)) == "holds"
        assert "要介護認定" in await shown.fact("procedure")
        assert "bus-07-004711" in await shown.fact("number")
        assert "誤差 3秒" in await shown.fact("filed")
        assert "送信前" in await shown.fact("stage")
        arrived = replace(AT_HALL, stage=1, not_before=shape.EPOCH)
        await shown.page.locator("#text").fill(to_text(_signed(arrived), HOST))
        await shown.page.locator("#ask button").click()
        await shown.page.locator("#fact-log_index").wait_for()
        assert "到着" in await shown.fact("stage")


async def test_ok__a_revoked_box_is_named_in_two_ways(tmp_path: Path) -> None:
    """What city hall knew of before the revocation is told from what it did not."""
    for known, word in ((4711, "その前に記録"), (4710, "市役所はこの受付をまだ知りません")):
        device = replace(BUNDLE.devices[0], revoked=Revoked(EPOCH, known))
        async with receipt_page(_page(tmp_path, replace(BUNDLE, devices=(device,)))) as shown:
            assert await shown.read(to_text(_signed(AT_BOX), HOST)) == "holds"
            assert word in await shown.page.locator("#verdict").inner_text()
            assert await shown.page.locator("#verdict .notice-warn").count() == 1


async def test_fail__a_changed_bit_anywhere_is_refused(tmp_path: Path) -> None:
    """Whichever bit of either kind is turned, the page says no; so does the command's reader."""
    changed = [one for data in (_signed(AT_BOX), _signed(AT_HALL)) for one in _changed(data)]
    async with receipt_page(_page(tmp_path)) as shown:
        await shown.page.goto(shown.file.as_uri())
        said = await shown.judge([_digits(one) for one in changed])
    assert len(said) == len(changed) > 850
    assert "holds" not in said
    assert {"refused_form", "refused_key", "refused_signature"} == set(said)


async def test_fail__what_the_city_itself_may_not_sign(tmp_path: Path) -> None:
    """Times outside their bounds, a wrong number, another's key: refused in spite of a signature that holds."""
    async with receipt_page(_page(tmp_path)) as shown:
        for place, value, word in UNTRUE:
            data = _forged(place, value)
            assert await shown.read(to_text(data, HOST)) == word
            assert "認められません" in await shown.page.locator("#verdict").inner_text()
            assert await shown.page.locator("#facts").inner_text() == ""
            with pytest.raises(SealError):
                read_receipt(data, BUNDLE)


async def test_fail__a_cut_text_asks_for_the_code_again(tmp_path: Path) -> None:
    """The end of the address is missing, or it is something else altogether."""
    async with receipt_page(_page(tmp_path)) as shown:
        for text in (to_text(_signed(AT_BOX), HOST)[:-1], "#-", "#abc", "#0", f"#{'9' * 482}"):
            assert await shown.read(text) == "refused_text"


async def test_fail__a_browser_without_the_signature_says_so(tmp_path: Path) -> None:
    """It neither believes nor refuses."""
    lacks = (
        "crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'));"
    )
    async with receipt_page(_page(tmp_path), lacks) as shown:
        assert await shown.read(to_text(_signed(AT_BOX), HOST)) == "no_ed25519"
        assert "Ed25519" in await shown.page.locator("#verdict").inner_text()


async def test_ok__from_paper_to_the_verdict(tmp_path: Path) -> None:
    """The printed slip's own picture is read as a phone would, and the address opens the page."""
    if (pdftoppm := shutil.which("pdftoppm")) is None:
        pytest.skip("no pdftoppm on this machine: apt-get install poppler-utils")
    paper = tmp_path / "slip.pdf"
    paper.write_bytes(print_slips(_slip(to_text(_signed(AT_BOX), HOST))))
    codes = _read_codes(pdftoppm, paper)
    assert codes == [to_text(_signed(AT_BOX), HOST)]
    async with receipt_page(_page(tmp_path)) as shown:
        served = shown.file.read_text(encoding="utf-8")
        await shown.page.route(
            f"https://{HOST}/r", lambda route: route.fulfill(body=served, content_type="text/html")
        )
        await shown.page.goto(codes[0])
        assert await shown.verdict() == "holds"


def test_ok__the_command_makes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file with its policy in it; it names what it carries."""
    keys, out = tmp_path / "bundle.json", tmp_path / "verify.html"
    keys.write_text(bundle_text(BUNDLE, ROOT), encoding="utf-8")
    code = verify.main(["page", "--keys", str(keys), "--out", str(out), "--city", "盛岡市"])
    told = json.loads(capsys.readouterr().out)
    page = html.unescape(out.read_text(encoding="utf-8"))
    assert (code, told["bytes"]) == (0, out.stat().st_size)
    assert "default-src 'none'" in page
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def _read_codes(pdftoppm: str, paper: Path) -> list[str]:
    """Return the texts of the codes on the printed sheets, seen at 150 dots an inch."""
    asked = [pdftoppm, "-r", "150", "-gray", "-png", str(paper), str(paper.with_suffix(""))]
    subprocess.run(asked, check=True)
    sheets = sorted(paper.parent.glob("slip-*.png"))
    return [one.text for sheet in sheets for one in zxingcpp.read_barcodes(Image.open(sheet))]


def _slip(address: str) -> BatchSlip:
    person = PersonSlip(
        number="bus-07-004711",
        position=1,
        initials="ﾓ.ﾊ.",
        masked_no="******1234",
        filed_at="令和8年11月24日 10:00",
        uncertainty_s=3,
        policy="bus_receipt",
        defects=(),
        bag="",
        pages=2,
        code="00010203",
        address=address,
        transfer="kept",
        filing_no="",
        refusal=None,
    )
    return BatchSlip(
        city="盛岡市",
        division="介護保険課",
        contact="019-000-0100",
        device="bus-07",
        run="",
        stop="",
        vehicle="",
        provider_no="0370100001",
        provider_name="架空ケアセンター",
        batch_no="AB12-1",
        title="要介護認定・要支援認定の更新申請",
        officer="職員",
        handed_at="令和8年11月24日 10:00",
        synced=True,
        totals=Totals(**{field.name: 1 for field in fields(Totals)}),
        people=(person,),
        aside=(),
        arrived=False,
    )

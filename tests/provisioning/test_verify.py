"""Receipts checked by anybody, offline, through the command itself."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provisioning import verify
from sync.bundle import Revoked
from sync.receipt import BoxReceipt, HallReceipt, sign_receipt, to_text
from tests.support.makers import BOX, COUNTERSIGNER, EPOCH, ROOT, make_bundle, make_signer
from tests.support.roots import bundle_text, root_text

FILED = datetime(2026, 11, 23, 7, 55, tzinfo=UTC)
HOST = "uketsuke.example.jp"


def _box_receipt() -> BoxReceipt:
    bundle = make_bundle()
    return BoxReceipt(
        env_id=b"e" * 16,
        envelope_sha256=b"h" * 32,
        procedure="care-renewal",
        filed=FILED,
        not_before=FILED,
        uncertainty_s=2,
        journal_seq=7,
        device_key_id=bundle.devices[0].verify.key_id,
    )


def _run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, *more: str, revoked: bool = False
) -> tuple[int, str]:
    bundle = make_bundle()
    if revoked:
        bundle = replace(bundle, devices=(replace(bundle.devices[0], revoked=Revoked(EPOCH, 0)),))
    keys = tmp_path / "bundle.json"
    keys.write_text(bundle_text(bundle, ROOT), encoding="utf-8")
    code = verify.main(["receipt", text, "--keys", str(keys), *more])
    heard = capsys.readouterr()
    return code, heard.out + heard.err


def _text() -> str:
    return to_text(sign_receipt(_box_receipt(), make_signer(BOX)), HOST)


def test_a_receipt_of_the_bus_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It tells when it was filed and that city hall has not signed yet."""
    code, said = _run(tmp_path, capsys, _text())
    told = json.loads(said)
    assert (code, told["filed"]) == (0, FILED.isoformat())
    assert "not yet at city hall" in told["said_by"]


def test_a_receipt_of_the_hall_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It tells the filing number."""
    key = make_signer(COUNTERSIGNER)
    receipt = HallReceipt(
        env_id=b"e" * 16,
        envelope_sha256=b"h" * 32,
        procedure="application",
        filing_no="R8-000123-6",
        filed=FILED,
        not_before=FILED,
        received=FILED,
        log_index=0,
        stage=2,
        key_id=key.key_id,
    )
    code, said = _run(tmp_path, capsys, to_text(sign_receipt(receipt, key), HOST))
    told = json.loads(said)
    assert (code, told["said_by"], told["filing_no"]) == (0, "city hall", "R8-000123-6")
    assert told["stage"] == "complete"


def test_a_receipt_may_lie_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a scanner app saved it."""
    (tmp_path / "receipt.txt").write_text(_text() + "\n", encoding="utf-8")
    code, _ = _run(tmp_path, capsys, str(tmp_path / "receipt.txt"))
    assert code == 0


def test_fail__one_sign_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The signature no longer holds; a sentence says so, exit 1."""
    text = _text()
    middle = len(text) - 40
    other = "A" if text[middle] != "A" else "B"
    code, said = _run(tmp_path, capsys, text[:middle] + other + text[middle + 1 :])
    assert code == 1
    assert said.startswith("Receipt: it does not hold:")


def test_fail__something_else_entirely(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A text that is no receipt is told apart in words."""
    code, said = _run(tmp_path, capsys, "https://example.jp/")
    assert code == 1
    assert "scan the code again" in said


def test_the_bundle_can_be_held_against_the_city_s_root(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the right root it holds."""
    (tmp_path / "root.json").write_text(root_text(ROOT), "utf-8")
    code, _ = _run(tmp_path, capsys, _text(), "--root", str(tmp_path / "root.json"))
    assert code == 0


def test_fail__a_bundle_another_root_signed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bundle of somebody else's making proves nothing."""
    (tmp_path / "root.json").write_text(root_text(77), "utf-8")
    code, said = _run(tmp_path, capsys, _text(), "--root", str(tmp_path / "root.json"))
    assert code == 1
    assert "does not hold" in said


def test_a_revoked_box_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The receipt holds, and the reader is told to ask."""
    code, said = _run(tmp_path, capsys, _text(), revoked=True)
    assert code == 0
    assert "revoked" in json.loads(said)["warning"]

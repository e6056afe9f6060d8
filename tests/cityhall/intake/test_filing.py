"""What becomes of the pieces of one box's session, without a line: receipts of both stages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cityhall.intake.commit import GroupCommit
from cityhall.intake.countersign import Countersigner
from cityhall.intake.filing import Filed, Filing, ItemMismatchError, Partners
from cityhall.intake.register import Register
from cityhall.mail.store import HallMail
from sync.envelope import Envelope
from sync.errors import PeerError
from sync.events import PieceCame
from sync.keys import Signer
from sync.receipt import ARRIVED, COMPLETE, Beacon, HallReceipt, read_receipt, sign_beacon
from sync.refusals import Refused
from tests.support.makers import (
    COUNTERSIGNER,
    EPOCH,
    ROOT,
    make_bundle,
    make_device,
    make_envelope,
    make_parts,
    make_signer,
)
from tests.support.roots import bundle_text

OLD, NEW = make_signer(COUNTERSIGNER), make_signer(22)


class StoodClock:
    """A clock that stands an hour after the makers' moment."""

    @staticmethod
    def now() -> datetime:
        """Return the moment."""
        return EPOCH + timedelta(hours=1)

    @staticmethod
    def monotonic() -> float:
        """Return nothing passed."""
        return 0.0


@asynccontextmanager
async def intake(folder: Path, signer: Signer = OLD) -> AsyncIterator[Partners]:
    """Give what the sessions of an intake share that signs with this key and knows no other."""
    bundle = replace(make_bundle(), countersigners=(signer.public,))
    (folder / "bundle.json").write_text(bundle_text(bundle, ROOT))
    mail = HallMail(folder / "mail")
    commits = GroupCommit(mail)
    running = asyncio.create_task(commits.run())
    try:
        yield Partners(
            mail,
            Register(folder / "bundle.json"),
            Countersigner(signer, mail),
            commits,
            StoodClock(),
        )
    finally:
        running.cancel()
        mail.close()


@asynccontextmanager
async def session(folder: Path, signer: Signer = OLD) -> AsyncIterator[Filing]:
    """Give the box's filing in such an intake."""
    async with intake(folder, signer) as partners:
        yield Filing(partners, make_device())


def whole(envelope: Envelope, item: int) -> PieceCame:
    """Return an item in one piece."""
    data = (envelope.slip, *envelope.parts)[item]
    return PieceCame(envelope.env_id, item, 0, data, last=True)


def told(filed: Filed | None, signer: Signer) -> HallReceipt:
    """Return the receipt that was handed out, under this key."""
    assert filed is not None
    receipt = read_receipt(filed.receipt, lambda _id: signer.public)
    assert isinstance(receipt, HallReceipt)
    return receipt


async def last_part(filing: Filing, envelope: Envelope) -> Filed | None:
    """Let the last part come."""
    return await filing.piece(whole(envelope, 2))


async def offered_again(filing: Filing, envelope: Envelope) -> Filed | None:
    """Let the bus ask again after everything came and the intake died before it signed."""
    await last_part(filing, envelope)
    return await filing.word(envelope.env_id)


@pytest.mark.parametrize("road", [last_part, offered_again])
async def test_both_stages_state_the_same_times(
    tmp_path: Path, road: Callable[[Filing, Envelope], Awaitable[Filed | None]]
) -> None:
    """Also when the countersigner changed in between and the old one is in no bundle any more."""
    beacon = sign_beacon(Beacon(EPOCH + timedelta(seconds=10), b"nonce", OLD.key_id), OLD)
    envelope = make_envelope(parts=make_parts(1), beacon=beacon)
    async with session(tmp_path) as filing:
        first = told(await filing.piece(whole(envelope, 0)), OLD)
        await filing.piece(whole(envelope, 1))
    async with session(tmp_path, NEW) as filing:
        second = told(await road(filing, envelope), NEW)
    assert (first.stage, first.filed) == (ARRIVED, EPOCH + timedelta(seconds=10))
    assert second == replace(first, stage=COMPLETE, key_id=NEW.key_id)


async def halves(filing: Filing, env_id: bytes, slip: bytes) -> Filed | None:
    """Let a slip come in two pieces."""
    await filing.piece(PieceCame(env_id, 0, 0, slip[:4_000], last=False))
    return await filing.piece(PieceCame(env_id, 0, 4_000, slip[4_000:], last=True))


async def test_a_slip_that_lay_here_damaged_comes_again(tmp_path: Path) -> None:
    """Its first half is spoilt: nothing of it stays, and sent again it is filed."""
    envelope = make_envelope(parts=[])
    async with session(tmp_path) as filing:
        with pytest.raises(ItemMismatchError):
            await halves(filing, envelope.env_id, b"\0" + envelope.slip[1:])
        filed = await halves(filing, envelope.env_id, envelope.slip)
    assert told(filed, OLD).stage == COMPLETE


async def test_fail__a_slip_that_is_bad_in_itself(tmp_path: Path) -> None:
    """The second time its own number is said; a slip that came in one piece has no second time."""
    envelope = make_envelope(parts=[])
    bad = envelope.slip[:-1] + bytes([envelope.slip[-1] ^ 1])
    async with session(tmp_path) as filing:
        with pytest.raises(ItemMismatchError):
            await halves(filing, envelope.env_id, bad)
        with pytest.raises(PeerError) as caught:
            await halves(filing, envelope.env_id, bad)
    assert caught.value.code == Refused.SLIP_PAYLOAD
    async with session(tmp_path) as filing:
        with pytest.raises(PeerError):
            await filing.piece(PieceCame(envelope.env_id, 0, 0, bad, last=True))

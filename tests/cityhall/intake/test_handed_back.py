"""A receipt handed back counts for the very slip it was signed for; any other gives nobody a number."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from cityhall.intake.filing import Filing
from cityhall.intake.pump import Pump
from cityhall.intake.restored import NUMBERS_MARGIN
from cityhall.intake.sessions import Sessions
from sync.envelope import Envelope
from sync.frames import Have, Hello, Offer, decode_frame, encode_frame
from sync.ids import filing_parts
from sync.keys import Signer
from sync.receipt import HallReceipt, sign_receipt
from tests.cityhall.intake.test_filing import OLD, intake, told, whole
from tests.support.houses import until
from tests.support.makers import make_device, make_envelope, make_signer
from tests.support.memory_line import MemoryLine

FIRST, MINE, OTHER = (make_envelope(n, parts=[]) for n in range(3))
SAME_ID = make_envelope(1, parts=[], record=b"another record")


async def lost(folder: Path) -> list[HallReceipt]:
    """Return what a city hall told for three slips, numbers 1 to 3, before it was lost."""
    async with intake(folder) as partners:
        filing = Filing(partners, make_device())
        return [told(await filing.piece(whole(one, 0)), OLD) for one in (FIRST, MINE, OTHER)]


async def refiled(folder: Path, envelope: Envelope, receipt: bytes) -> HallReceipt:
    """Let a hall that lost everything hear a receipt for `MINE`, and then a slip; return what it tells."""
    async with intake(folder) as partners:
        filing = Filing(partners, make_device())
        filing.told_before(MINE.env_id, receipt)
        return told(await filing.piece(whole(envelope, 0)), OLD)


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """Give the folder of a hall that lost everything."""
    found = tmp_path / "restored"
    found.mkdir()
    return found


def signed(words: HallReceipt, signer: Signer = OLD) -> bytes:
    """Return a receipt under a key."""
    return sign_receipt(replace(words, key_id=signer.key_id), signer)


async def test_its_own_receipt_gives_number_and_times_back(tmp_path: Path, hall: Path) -> None:
    """Though it is the first slip that comes."""
    _, mine, _ = await lost(tmp_path)
    again = await refiled(hall, MINE, signed(mine))
    assert (again.filing_no, again.filed) == (mine.filing_no, mine.filed)


@pytest.mark.parametrize("case", ["another envelope's", "of other bytes", "forged", "no receipt"])
async def test_fail__any_other_gives_nothing(tmp_path: Path, hall: Path, case: str) -> None:
    """The slip gets the next number, as if nothing had been said."""
    first, mine, other = await lost(tmp_path)
    envelope, receipt = {
        "another envelope's": (MINE, signed(other)),
        "of other bytes": (SAME_ID, signed(mine)),
        "forged": (MINE, signed(mine, make_signer(98))),
        "no receipt": (MINE, b"no receipt"),
    }[case]
    assert (await refiled(hall, envelope, receipt)).filing_no == first.filing_no


async def test_fail__another_envelopes_receipt_with_this_slips_hash(
    tmp_path: Path, hall: Path
) -> None:
    """Each of the two names is looked at: a number belongs to an id and to its bytes."""
    first, mine, _ = await lost(tmp_path)
    odd = replace(mine, env_id=OTHER.env_id)
    assert (await refiled(hall, MINE, signed(odd))).filing_no == first.filing_no


async def test_a_receipt_handed_back_leaves_numbers_out_before_anything_is_filed(
    tmp_path: Path, hall: Path
) -> None:
    """Its bus took the restored log's head before, so that its hello tells of no loss any more."""
    _, mine, _ = await lost(tmp_path)
    async with intake(hall) as partners:
        line = MemoryLine()
        serving = asyncio.create_task(Pump(partners, Sessions(), line, "bus-07").run())
        line.put(encode_frame(Hello("bus-07", b"session ", "", 0)))
        line.put(
            encode_frame(Offer(MINE.env_id, len(MINE.slip), 0, fresh=False, receipt=signed(mine)))
        )
        await until(lambda: any(isinstance(decode_frame(one), Have) for one in line.said))
        line.put(None)
        await serving
        again = told(await Filing(partners, make_device()).piece(whole(OTHER, 0)), OLD)
    _, before = filing_parts(mine.filing_no)
    assert filing_parts(again.filing_no)[1] == before + NUMBERS_MARGIN + 1

"""An intake that died right before a commit, or whose disk spoilt what lay there: neither holds anybody up."""

from pathlib import Path

import pytest

from tests.support.houses import make_houses, until
from tests.support.makers import instant, make_envelope, make_id, make_parts

BOX = "bus-07"


@pytest.mark.parametrize("item", [0, 2], ids=["slip", "page"])
async def test_an_item_that_was_whole_but_not_committed_arrives(tmp_path: Path, item: int) -> None:
    """The last piece was written, the power went before the row: after the restart it is still completed."""
    hall, bus = make_houses(tmp_path)
    envelope = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
    bus.mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    bus.mail.sending(make_id())
    data = (envelope.slip, *envelope.parts)[item]
    hall.mail.write_piece(BOX, make_id(), item, 0, data)
    await hall.start()
    bus.port = hall.port
    await bus.start()
    try:
        await until(bus.all_are("complete"))
    finally:
        await bus.stop()
        await hall.stop()
    assert [one.complete for one in hall.mail.arrivals()] == [True]


async def test_a_slip_half_here_and_damaged_arrives(tmp_path: Path) -> None:
    """The hall's half is spoilt on its disk: the slip is asked for again in the same session, its pages follow."""
    hall, bus = make_houses(tmp_path)
    envelope = make_envelope(0, parts=make_parts(1, page_bytes=200_000))
    bus.mail.keep(envelope, deadline=None, at=instant(), receipt_for=lambda _entry: b"box")
    bus.mail.sending(make_id())
    hall.mail.write_piece(BOX, make_id(), 0, 0, bytes(3_000))
    await hall.start()
    bus.port = hall.port
    await bus.start()
    try:
        await until(lambda: bus.states()[0] in {"complete", "refused"})
    finally:
        await bus.stop()
        await hall.stop()
    assert bus.states() == ["complete"]
    assert hall.mail.slip(make_id()) == envelope.slip

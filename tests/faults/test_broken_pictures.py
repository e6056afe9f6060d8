"""A scanner that hands over garbage: the desk says which sheet cannot be read, and goes on."""

from pathlib import Path

import pytest

from appliance.desk.counter import Counter
from appliance.desk.pages.reader import PageReader
from appliance.mail.store import MailStore
from provisioning.demo.samples.stack import Stack
from tests.faults.test_odd_sheets import vast_png
from tests.support.counterworld import CounterWorld, settled
from tests.support.one_stop import sheets_of

pytestmark = pytest.mark.journey


async def fed(counter: Counter) -> None:
    """Declare one application, feed what lies in the scanner, and wait until it is read."""
    tray = counter.on_tray()
    await tray.declare(1, "")
    await tray.feed()
    await settled(counter)


async def test_garbage_between_good_sheets(tmp_path: Path, papers: Stack) -> None:
    """Torn JPEG, empty bytes and a 900-megapixel PNG are named unreadable; the form after them is read."""
    good = sheets_of(papers, 0)[0].read_bytes()
    world = CounterWorld(tmp_path).enrol()
    world.scanner.stack = [good[:9_000], b"", vast_png(), good]
    mail = world.open_mail()
    post_pack(world, mail)
    world.reader = PageReader(1)  # type: ignore[assignment]  # the real one instead of the made-up one
    counter = await world.opened(mail)
    try:
        await fed(counter)
        sheets = counter.opened().current().sheets
        assert [sheet.kind for sheet in sheets] == ["unreadable"] * 3 + ["form_front"]
        said = [[note.sentence for note in s.reading.notes] for s in sheets[:3] if s.reading]
        assert len(said) == 3
        assert all(words and words[0].endswith("。") for words in said)
        assert len(counter.opened().current().applications) == 1
    finally:
        await counter.stop()
        await world.reader.close()  # type: ignore[attr-defined]  # the real one
        mail.close()


def post_pack(world: CounterWorld, mail: MailStore) -> None:
    """Send the counter its stop."""
    world.post(mail, "visit_pack", world.pack())

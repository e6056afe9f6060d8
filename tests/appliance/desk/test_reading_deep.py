"""Which sheets are read, and which are known without: reading costs a second, and not reading costs a look."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sync.letters import DueEntry, LastCase
from tests.support.counterworld import CounterWorld, settled
from tests.support.madeup_papers import due, front

LAST = LastCase(date(2025, 8, 20), (("physician.name", "及川　章"),))


@pytest.mark.parametrize(
    ("entry", "read"), [(due(1), False), (replace(due(1), last=LAST), True), (due(2), True)]
)
async def test_a_form_is_read_where_the_register_does_not_say_it_all(
    tmp_path: Path, entry: DueEntry, *, read: bool
) -> None:
    """What only the last case says may hold no longer: the form of today is asked before a person is."""
    world = CounterWorld(tmp_path / "box").enrol()
    mail = world.open_mail()
    world.post(mail, "visit_pack", world.pack(entry))
    counter = await world.opened(mail)
    await counter.on_tray().declare(1, "")
    world.scanner.stack = [front(1)]
    await counter.on_tray().feed()
    await settled(counter)
    assert world.reader.asked == [read]
    await counter.stop()
    mail.close()

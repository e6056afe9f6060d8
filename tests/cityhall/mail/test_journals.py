"""What city hall remembers of a box's journal, also of one whose first word about it was refused."""

from contextlib import closing
from pathlib import Path

from cityhall.mail.store import HallMail
from sync.journal import Checkpoint
from sync.merkle import EMPTY_ROOT
from tests.support.makers import EPOCH


def test_the_first_alarm_of_a_box_nothing_was_known_of_is_counted(tmp_path: Path) -> None:
    """A card that never told a head that holds is as much an alarm as one that went back."""
    with closing(HallMail(tmp_path)) as mail:
        assert [mail.journal_alarm("bus-07") for _ in range(2)] == [1, 2]
        known = mail.journal_known("bus-07")
        assert (known.head, known.note, known.alarms) == (Checkpoint("", 0, EMPTY_ROOT), "", 2)
        mail.keep_journal("bus-07", Checkpoint("", 3, bytes(32)), "note", EPOCH)
        assert mail.journal_known("bus-07").alarms == 2

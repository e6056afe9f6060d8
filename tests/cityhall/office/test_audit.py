from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pysqlite3.dbapi2 import IntegrityError
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from cityhall.office.audit import GENESIS, LONGEST, AuditError, AuditLine, check_chain
from tests.support.office_world import OfficeWorld


def three(world: OfficeWorld) -> list[AuditLine]:
    """Write three lines."""
    return [world.audit.write(actor="sato", action="case.opened", case_id=f"{n}") for n in range(3)]


def test_an_empty_audit_stands_at_its_beginning(world: OfficeWorld) -> None:
    """The head before the first line is 32 zero bytes."""
    assert world.audit.head() == world.audit.check() == (0, GENESIS)


def test_each_line_covers_the_line_before(world: OfficeWorld) -> None:
    """The hash of a line stands in the next one."""
    lines = three(world)
    assert [line.prev for line in lines] == [GENESIS, lines[0].hash, lines[1].hash]


def test_a_whole_chain_holds(world: OfficeWorld) -> None:
    """Walking all lines ends at the last line's hash."""
    lines = three(world)
    assert world.audit.check() == (3, lines[-1].hash) == world.audit.head()


def test_walking_on_begins_where_the_last_walk_ended(world: OfficeWorld) -> None:
    """New lines are checked against the head that was seen before."""
    three(world)
    world.audit.check()
    last = world.audit.write(actor="sato", action="inbox.shown")
    assert world.audit.check() == (4, last.hash)


def test_a_line_slipped_in_beside_the_program_is_found(world: OfficeWorld) -> None:
    """Who writes into the file without the chain breaks it."""
    three(world)
    with world.database.writing() as session:
        session.execute(
            text(
                "INSERT INTO audit_line SELECT 3, prev, at, actor, action, case_id, reason, detail, "
                "origin, hash FROM audit_line WHERE seq = 2"
            )
        )
    with pytest.raises(AuditError, match="line 3"):
        world.audit.check()


def test_lines_come_newest_first(world: OfficeWorld) -> None:
    """The page shows what just happened on top."""
    three(world)
    assert [line.seq for line in world.audit.lines()] == [2, 1, 0]


def test_lines_of_one_case_only(world: OfficeWorld) -> None:
    """A case's own trail shows nothing of others."""
    three(world)
    assert [line.seq for line in world.audit.lines(case_id="1")] == [1]


def test_lines_of_one_person_only(world: OfficeWorld) -> None:
    """A caseworker's view is limited to the own lines."""
    three(world)
    world.audit.write(actor="ito", action="case.opened")
    assert [line.actor for line in world.audit.lines(actor="ito")] == ["ito"]


def test_older_lines_follow(world: OfficeWorld) -> None:
    """A page of lines continues below the last one shown."""
    three(world)
    assert [line.seq for line in world.audit.lines(before=2, limit=1)] == [1]


@pytest.mark.parametrize("verb", ["UPDATE audit_line SET actor = 'x'", "DELETE FROM audit_line"])
def test_the_database_itself_refuses_to_change_lines(world: OfficeWorld, verb: str) -> None:
    """Append-only is no promise of our code but a trigger."""
    three(world)
    with (
        pytest.raises(DatabaseError, match="written once") as refusal,
        world.database.writing() as session,
    ):
        session.execute(text(verb))
    assert isinstance(refusal.value.orig, IntegrityError)


@pytest.mark.parametrize(
    "change",
    [
        lambda line: replace(line, actor="else"),
        lambda line: replace(line, action="else"),
        lambda line: replace(line, case_id="else"),
        lambda line: replace(line, reason="else"),
        lambda line: replace(line, detail="else"),
        lambda line: replace(line, origin="else"),
        lambda line: replace(line, at=line.at + timedelta(microseconds=1)),
    ],
)
def test_a_changed_line_is_found(
    world: OfficeWorld, change: Callable[[AuditLine], AuditLine]
) -> None:
    """Any column of any line is covered by its hash."""
    lines = three(world)
    changed = [
        (change(lines[0]), lines[0].hash),
        *((x, x.hash) for x in lines[1:]),
    ]
    with pytest.raises(AuditError, match="line 0"):
        check_chain(changed)


def test_a_missing_line_is_found(world: OfficeWorld) -> None:
    """A line cut out of the middle breaks the chain."""
    lines = three(world)
    with pytest.raises(AuditError, match="line 1"):
        check_chain((line, line.hash) for line in (lines[0], lines[2]))


def test_a_line_holds_codes_not_stories(world: OfficeWorld) -> None:
    """A column beyond its limit is refused, so that no case's text ends in the audit."""
    world.audit.write(actor="sato", action="page.shown", detail="y" * LONGEST)
    with pytest.raises(AuditError, match="200"):
        world.audit.write(actor="sato", action="page.shown", detail="y" * (LONGEST + 1))


def test_only_known_actions_are_written(world: OfficeWorld) -> None:
    """An action without words on the screen is our own mistake."""
    with pytest.raises(AuditError, match="no known action"):
        world.audit.write(actor="sato", action="case.eaten")

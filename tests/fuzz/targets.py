"""All targets by name."""

from collections.abc import Mapping
from typing import Final

from tests.fuzz import custody, enrolment, messages, sockets, surroundings
from tests.fuzz.target import Target

ALL: Final[Mapping[str, Target]] = {
    one.name: one
    for one in (
        *custody.TARGETS,
        *enrolment.TARGETS,
        *messages.TARGETS,
        *surroundings.TARGETS,
        *sockets.TARGETS,
    )
}

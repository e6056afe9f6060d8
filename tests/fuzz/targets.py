"""All targets by name."""

from collections.abc import Mapping
from typing import Final

from tests.fuzz import (
    camera,
    custody,
    enrolment,
    lists,
    messages,
    printing,
    sockets,
    surroundings,
)
from tests.fuzz.target import Target

ALL: Final[Mapping[str, Target]] = {
    one.name: one
    for one in (
        *camera.TARGETS,
        *custody.TARGETS,
        *enrolment.TARGETS,
        *lists.TARGETS,
        *messages.TARGETS,
        *printing.TARGETS,
        *surroundings.TARGETS,
        *sockets.TARGETS,
    )
}

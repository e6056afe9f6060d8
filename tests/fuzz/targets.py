"""All targets by name."""

from collections.abc import Mapping
from typing import Final

from tests.fuzz import camera, custody, enrolment, lists, messages, sockets, surroundings
from tests.fuzz.target import Target

ALL: Final[Mapping[str, Target]] = {
    one.name: one
    for one in (
        *camera.TARGETS,
        *custody.TARGETS,
        *enrolment.TARGETS,
        *lists.TARGETS,
        *messages.TARGETS,
        *surroundings.TARGETS,
        *sockets.TARGETS,
    )
}

"""What goes wrong with clocks, by name: each is done to a world, somewhere between its hand-ins."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from tests.clocks.world import World

DAY: Final = 86_400.0
ROLLOVER_S: Final = 1024 * 7 * DAY
HALL_OFF_S: Final = 600.0
STEPS: Final = (1.0, 2.0, 30.0, 600.0, 3600.0, DAY, 40 * DAY)
START_OF_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _either(world: World, values: tuple[float, ...] = STEPS) -> float:
    return world.chance.choice(values) * world.chance.choice((-1, 1))


def wall_is_set(world: World) -> None:
    """Somebody sets the wall clock, from a second to forty days either way."""
    world.machine.step(_either(world))


def dated_back(world: World) -> None:
    """Two hand-ins, and the clock turned back between them."""
    world.hand_in()
    world.pass_by(world.chance.uniform(5, 120))
    world.machine.step(-world.chance.choice(STEPS))
    world.hand_in()


def kept_and_dated_back(world: World) -> None:
    """The same where a time service had vouched for the clock, and goes on vouching."""
    world.machine.keep()
    world.hand_in()
    world.pass_by(world.chance.uniform(5, 120))
    world.machine.keep(-world.chance.choice(STEPS))
    world.hand_in()


def leap_second(world: World) -> None:
    """One second is said twice."""
    world.machine.leap()


def battery_dead(world: World) -> None:
    """A start in 1970."""
    world.reboot(world.chance.uniform(10, 3 * DAY), START_OF_TIME)


def battery_a_day_back(world: World) -> None:
    """A start with yesterday."""
    world.reboot(world.chance.uniform(10, DAY), -DAY)


def battery_forty_days_on(world: World) -> None:
    """A start with next month."""
    world.reboot(world.chance.uniform(10, DAY), 40 * DAY)


def monotonic_anew(world: World) -> None:
    """A power cut of a few seconds; the battery clock is right."""
    world.reboot(world.chance.uniform(5, 30), world.chance.uniform(-2, 2))


def desk_anew(world: World) -> None:
    """The process ends and starts; the boot is the same."""
    world.restart()


def satellites_roll_over(world: World) -> None:
    """The receiver says 1,024 weeks ago."""
    world.clock.take_fix(world.machine.fix(-ROLLOVER_S))


def satellites_forged(world: World) -> None:
    """Somebody near the bus plays a sky."""
    world.clock.take_fix(world.machine.fix(_either(world)))


def satellites_right(world: World) -> None:
    """No fault: a third voice."""
    world.clock.take_fix(world.machine.fix())


def network_time_comes(world: World) -> None:
    """No fault: a time service keeps the clock."""
    world.machine.keep()


def network_time_leaves(world: World) -> None:
    """The service is gone, the kernel remembers it."""
    world.machine.leave()


def network_time_forged(world: World) -> None:
    """Somebody on the network says another time."""
    world.machine.keep(_either(world))


def hall_is_wrong(world: World) -> None:
    """City hall's clock is up to ten minutes off from now on; also the way back to right."""
    world.hall.off_s = world.chance.choice((-1.0, -0.5, 0.0, 0.5, 1.0)) * HALL_OFF_S


def hall_is_reached(world: World) -> None:
    """No fault: a contact."""
    world.contact()


FAULTS: Final[tuple[Callable[[World], None], ...]] = (
    wall_is_set,
    dated_back,
    kept_and_dated_back,
    leap_second,
    battery_dead,
    battery_a_day_back,
    battery_forty_days_on,
    monotonic_anew,
    desk_anew,
    satellites_roll_over,
    satellites_forged,
    satellites_right,
    network_time_comes,
    network_time_leaves,
    network_time_forged,
    hall_is_wrong,
    hall_is_reached,
)
FORGED: Final = frozenset({"kept_and_dated_back", "network_time_forged", "satellites_forged"})
"""What a box that heard nothing else in its boot may believe."""

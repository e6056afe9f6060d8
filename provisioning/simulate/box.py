"""A simulated bus: the real uplink on a card in memory, started as `python -m appliance.uplink` starts it."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from appliance.mail.store import MailStore
from appliance.uplink.clock import HeardClock
from appliance.uplink.evidence import Evidence
from appliance.uplink.keeper import Keeper
from appliance.uplink.link import Link
from appliance.uplink.partners import Partners
from appliance.uplink.status import Status
from appliance.uplink.trust import KEY_BUNDLE, Trust
from provisioning.simulate.boxdisk import BoxDisk
from provisioning.simulate.boxshelf import BoxShelf
from provisioning.simulate.chance import Chance
from provisioning.simulate.clocks import BoxClock
from provisioning.simulate.machine import Ears, Machine
from provisioning.simulate.pool import pool
from provisioning.simulate.power import Power
from provisioning.simulate.road import Road
from provisioning.simulate.wire import Cut
from sync.pacing import Backoff

HEARTBEAT_S = 5.0


@dataclass(frozen=True, slots=True)
class Built:
    """What a box is built of; a planted bug puts something else in one of the places."""

    shelf: Callable[[BoxDisk, Power, BoxClock], BoxShelf] = BoxShelf
    evidence: Callable[[Trust, MailStore], Evidence] = Evidence


class Box(Machine):
    """One bus. `shelf` is the running machine's hand on `disk`; both stay readable after a cut through `disk`."""

    def __init__(
        self, road: Road, chance: Chance, ears: Ears, *, folder: Path, built: Built
    ) -> None:
        super().__init__(road.device, ears)
        self.road = road
        self.clock = BoxClock()
        self.disk = BoxDisk()
        self.link: Link | None = None
        self._chance = chance
        self._folder = folder
        self._built = built
        self._trust = copy.copy(_trust(folder))
        self.shelf = built.shelf(self.disk, self.power, self.clock)

    def boot(self) -> None:
        """Start the uplink."""
        self.shelf = self._built.shelf(self.disk, self.power, self.clock)
        mail = cast("MailStore", self.shelf)
        status = Status()
        for letter in self.shelf.letters(KEY_BUNDLE):
            self._trust.offer(letter.body)
        evidence = self._built.evidence(self._trust, mail)
        heard = HeardClock(self.clock, evidence.heard_time())
        keeper = Keeper(mail, status, heard)
        partners = Partners(
            device=self.name,
            mail=mail,
            clock=heard,
            evidence=evidence,
            trust=self._trust,
            status=status,
            heartbeat_s=HEARTBEAT_S,
            random=self._chance.data,
            hear=heard.hear,
        )
        self.link = Link(partners, self.road, Backoff(self._chance.share), keeper.tell)
        self.run(self.link.run())
        self.run(keeper.run())

    def lose(self, *, dark: bool) -> None:
        """Lose the connections, and what the card had not synced."""
        # What was in the air arrives, and city hall learns nothing of the end.
        self.road.cut(Cut.BUS_GONE, 0.0)
        self.link = None
        if dark:
            self.disk.go_dark(self._chance)
            self.clock.boot_again()

    def take_card(self, card: BoxDisk) -> None:
        """Go on from an older image of the card; the machine must be off."""
        self.disk = card.copy()
        self._trust = copy.copy(_trust(self._folder))

    def hint(self) -> None:
        """Tell the uplink that the network may be back."""
        if self.link is not None:
            self.link.hint()


@cache
def _trust(folder: Path) -> Trust:
    """Return the trust a new card begins with, read once a process."""
    bundle, root = folder / "box.json", folder / "root.json"
    bundle.write_text(pool().texts[0], encoding="utf-8")
    root.write_text(pool().root_text, encoding="utf-8")
    return Trust(bundle, root)

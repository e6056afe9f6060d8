"""What every session of the uplink shares, built once by the process."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING

from appliance.uplink.evidence import Evidence
from appliance.uplink.status import Status
from appliance.uplink.trust import Trust
from sync.clock import Clock, HeardTime

if TYPE_CHECKING:
    from appliance.mail.store import MailStore


@dataclass(frozen=True, slots=True)
class Partners:
    """What every session shares."""

    device: str
    mail: "MailStore"
    clock: Clock
    evidence: Evidence
    trust: Trust
    status: Status
    heartbeat_s: float
    random: Callable[[int], bytes] = os.urandom
    depots: Sequence[IPv4Network | IPv6Network] = ()
    hear: Callable[[HeardTime], None] = lambda _heard: None

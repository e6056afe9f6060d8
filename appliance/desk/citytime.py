"""City hall's signed time out of the mail, verified once for each beacon that comes."""

from datetime import datetime

from appliance.desk.bundles import Bundles
from appliance.mail.models import HeardBeacon
from appliance.mail.store import MailStore
from sync.clock import HeardTime
from sync.errors import SealError
from sync.receipt import read_beacon


class CityTime:
    """Gives the newest beacon that a countersigner of the city's bundle signed."""

    def __init__(self, mail: MailStore, bundles: Bundles) -> None:
        self._mail = mail
        self._bundles = bundles
        self._seen: HeardBeacon | None = None
        self._heard: HeardTime | None = None

    def issued(self) -> datetime:
        """Return when the city signed the key bundle in force: no moment of this box is earlier."""
        return self._bundles.current.issued

    def heard(self) -> HeardTime | None:
        """Return city hall's time with the moment it was heard; None before one that verifies."""
        found = self._mail.heard_beacon()
        if found is not None and found != self._seen:
            self._seen = found
            try:
                told = read_beacon(found.data, self._bundles.current).time
            except SealError:
                return self._heard
            self._heard = HeardTime(told, found.boot, found.monotonic_ms, found.waited_ms)
        return self._heard

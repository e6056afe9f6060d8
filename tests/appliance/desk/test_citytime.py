"""City hall's signed time as the desk's clock carries it on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.desk.bundles import Bundles
from appliance.desk.citytime import CityTime
from appliance.desk.clock import DeskClock
from appliance.mail.store import MailStore
from hardware.protocols import Reading
from sync.clock import ClockQuality
from sync.keys import Signer
from sync.receipt import Beacon, sign_beacon
from tests.support.makers import COUNTERSIGNER, ROOT, instant, make_bundle, make_signer
from tests.support.roots import bundle_text, root_text

TOLD = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class Crystal:
    """A box without a clock battery: 1970, but its crystal ticks."""

    def __init__(self, monotonic_ms: int) -> None:
        self.monotonic_ms = monotonic_ms

    def now(self) -> Reading:
        """Believe nothing about the wall."""
        boot = instant().boot
        return Reading(
            datetime(1970, 1, 1, tzinfo=UTC), 86_400, "unsynced", boot, self.monotonic_ms
        )

    def monotonic(self) -> float:
        """Tick."""
        return self.monotonic_ms / 1000


@pytest.fixture
def mail(tmp_path: Path) -> MailStore:
    """An empty shelf."""
    return MailStore(tmp_path / "mail")


def _city_time(tmp_path: Path, mail: MailStore) -> CityTime:
    path = tmp_path / "bundle.json"
    path.write_text(bundle_text(make_bundle(), ROOT), encoding="utf-8")
    root = tmp_path / "root.json"
    root.write_text(root_text(), encoding="utf-8")
    return CityTime(mail, Bundles(path, root, mail))


def _beacon(signer: Signer, told: datetime = TOLD) -> bytes:
    return sign_beacon(Beacon(told, b"n" * 16, signer.key_id), signer)


def test_nothing_is_known_before_the_first_contact(tmp_path: Path, mail: MailStore) -> None:
    """The box says so: unsynced."""
    clock = DeskClock(Crystal(5), _city_time(tmp_path, mail).heard)
    assert clock.now().quality is ClockQuality.UNSYNCED


def test_the_hall_s_word_is_carried_on_without_a_link(tmp_path: Path, mail: MailStore) -> None:
    """Half an hour after it was heard, to within two seconds."""
    heard = instant()
    mail.keep_beacon(_beacon(make_signer(COUNTERSIGNER)), heard, 100)
    later = Crystal(heard.monotonic_ms + 1_800_000)
    now = DeskClock(later, _city_time(tmp_path, mail).heard).now()
    assert (now.wall, now.uncertainty_s) == (TOLD + timedelta(minutes=30), 2)


def test_fail__a_word_nobody_of_the_city_signed(tmp_path: Path, mail: MailStore) -> None:
    """The uplink cannot make up the time."""
    mail.keep_beacon(_beacon(make_signer(77)), instant(), 0)
    assert _city_time(tmp_path, mail).heard() is None


def test_a_newer_word_takes_over(tmp_path: Path, mail: MailStore) -> None:
    """Without a restart."""
    signer = make_signer(COUNTERSIGNER)
    city = _city_time(tmp_path, mail)
    mail.keep_beacon(_beacon(signer), instant(), 0)
    first = city.heard()
    mail.keep_beacon(_beacon(signer, TOLD + timedelta(hours=1)), instant(1), 0)
    second = city.heard()
    assert first is not None
    assert second is not None
    assert second.told - first.told == timedelta(hours=1)

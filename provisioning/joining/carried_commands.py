"""`madobus provision ask`, `admit` and `take`: an enrolment on a stick, with the box's keys made on the box."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from hardware.catalogue import open_tpm
from hardware.errors import DeviceError
from provisioning.boxkeys import box_signer, make_wish
from provisioning.city import City, HallPorts
from provisioning.enrol import (
    Bus,
    BusPorts,
    admit,
    check_admission,
    take_admission,
    write_bus_settings,
)
from provisioning.files import write_whole
from provisioning.joining.answer import HallAddress, encode_admission
from provisioning.joining.carried import read_ask, read_reply, reply_words, write_ask
from provisioning.joining.words import shown
from provisioning.staff_pin import ask_staff
from sync.errors import SyncError

YES = frozenset({"y", "yes", "はい"})


def ask_main(argv: list[str]) -> int:
    """Make this box's keys and write what it asks its city for onto a stick: public things only."""
    parser = argparse.ArgumentParser(prog="madobus provision ask", description=ask_main.__doc__)
    parser.add_argument("folder", type=Path, help="where the box's folder shall stand")
    parser.add_argument("stick", type=Path, help="the stick's folder")
    parser.add_argument("--device", required=True, help="the box's name, e.g. bus-07")
    parser.add_argument("--staff", default="", help="staff id and name, e.g. 'S-014 工藤 真'")
    parser.add_argument("--tpm", default="", help="the box's chip, e.g. device:/dev/tpmrm0")
    given = parser.parse_args(argv)
    bus = Bus(given.folder)
    if not bus.enrolled() and not given.staff:
        parser.error("a box that is not enrolled yet needs --staff")

    def work() -> int:
        tpm = open_tpm("tpm2", setting=given.tpm) if given.tpm else None
        staff = () if bus.enrolled() else (ask_staff(given.staff),)
        wish = make_wish(bus, given.device, staff, tpm)
        text = write_ask(wish, box_signer(bus))
        write_whole(_asked(bus), text)
        write_whole(given.stick / f"{given.device}.ask", text)
        _show(
            read_ask(text)[1], "市役所の画面と見比べます", "city hall compares them with its screen"
        )
        return 0

    return _tried(work)


def admit_main(argv: list[str]) -> int:
    """Admit a box by the file it sent, and write the answer beside it."""
    parser = argparse.ArgumentParser(prog="madobus provision admit", description=admit_main.__doc__)
    parser.add_argument("file", type=Path, help="the stick's file NAME.ask")
    parser.add_argument("--city", type=Path, required=True, help="the founded city's folder")
    parser.add_argument("--hall", required=True, help="where the box finds city hall")
    given = parser.parse_args(argv)

    def work() -> int:
        wish, words = read_ask(given.file.read_text(encoding="utf-8"))
        _show(
            words,
            f"{wish.device} の画面と見比べてください",
            f"compare them with {wish.device}'s screen",
        )
        if not _agreed():
            print("何も発行していません / nothing was issued", file=sys.stderr)
            return 1
        city, ports = City(given.city), HallPorts()
        told = admit(city, wish, datetime.now(UTC))
        hall = HallAddress(given.hall, ports.intake, ports.switchboard)
        reply = encode_admission(told, hall)
        write_whole(given.file.with_suffix(".admission"), reply)
        _show(reply_words(reply), "端末の画面がこの言葉を示します", "the box will show these")
        return 0

    return _tried(work)


def take_main(argv: list[str]) -> int:
    """Take the city's answer from a stick; the box is enrolled once all of it is on its disk."""
    parser = argparse.ArgumentParser(prog="madobus provision take", description=take_main.__doc__)
    parser.add_argument("folder", type=Path, help="the box's folder")
    parser.add_argument("file", type=Path, help="the stick's file NAME.admission")
    parser.add_argument("--tpm", default="", help="the box's chip, for its settings")
    given = parser.parse_args(argv)
    bus = Bus(given.folder)

    def work() -> int:
        told, hall, words = read_reply(given.file.read_text(encoding="utf-8"))
        # What this box asked lies on its own disk: the stick was in other hands.
        wish, _ = read_ask(_asked(bus).read_text(encoding="utf-8"))
        check_admission(bus, wish, told)
        _show(words, "市役所の画面と見比べてください", "compare them with city hall's screen")
        if not _agreed():
            print("何も受け取っていません / nothing was taken", file=sys.stderr)
            return 1
        take_admission(bus, wish, told)
        if not bus.settings_path.exists():
            ports, desk = (
                BusPorts(hall.intake, hall.switchboard),
                {"scanner": "sane", "tpm": given.tpm},
            )
            write_bus_settings(bus, wish.device, ports, desk, host=hall.host)
        print(f"{wish.device} として登録されました / is enrolled; settings: {bus.settings_path}")
        return 0

    return _tried(work)


def _asked(bus: Bus) -> Path:
    return bus.folder / "asked.json"


def _show(words: tuple[str, ...], ja: str, en: str) -> None:
    print(f"\n    {shown(words)}\n\n{ja} / {en}", flush=True)


def _agreed() -> bool:
    return input("まったく同じですか / exactly the same? [y/N] ").strip().lower() in YES


def _tried(work: Callable[[], int]) -> int:
    try:
        return work()
    except (DeviceError, OSError, SyncError, ValueError) as refusal:
        print(refusal, file=sys.stderr)
        return 1

"""`madobus provision join`: the box makes its keys and asks the depot whose code it was given."""

import argparse
import asyncio
import sys
from pathlib import Path

from hardware.catalogue import open_camera, open_tpm
from hardware.errors import DeviceError
from provisioning.enrol import Bus, BusPorts, write_bus_settings
from provisioning.joining.code import Code, read_code
from provisioning.joining.errors import EnrolRefused, RefusedError
from provisioning.joining.visit import Visitor, join
from provisioning.joining.words import shown
from provisioning.staff_pin import ask_staff
from sync.errors import SyncError


def main(argv: list[str]) -> int:
    """Enrol this box over the network, or make an enrolled box's certificates last again; its keys are made here."""
    parser = argparse.ArgumentParser(prog="madobus provision join", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where the box's folder shall stand")
    parser.add_argument("--staff", default="", help="staff id and name, e.g. 'S-014 工藤 真'")
    parser.add_argument("--at", default="", help="the depot's HOST:PORT beside a typed code")
    parser.add_argument("--picture", type=Path, help="a photograph of the depot's QR code")
    parser.add_argument(
        "--camera",
        nargs="?",
        const="",
        metavar="DEVICE",
        help="read the code with the box's camera",
    )
    parser.add_argument(
        "--tpm",
        default="",
        help="the box's chip, e.g. device:/dev/tpmrm0; without one the PIN alone guards the keys",
    )
    given = parser.parse_args(argv)
    bus = Bus(given.folder)
    if not bus.enrolled() and not given.staff:
        parser.error("a box that is not enrolled yet needs --staff")
    try:
        code = _code(given.picture, given.camera, given.at)
        tpm = open_tpm("tpm2", setting=given.tpm) if given.tpm else None
        staff = () if bus.enrolled() else (ask_staff(given.staff),)
        device, hall = join(Visitor(code, bus, staff, _show, tpm))
    except (DeviceError, SyncError, ValueError) as refusal:
        return _refused(refusal)
    if not bus.settings_path.exists():
        ports = BusPorts(hall.intake, hall.switchboard)
        write_bus_settings(
            bus, device, ports, {"scanner": "sane", "tpm": given.tpm}, host=hall.host
        )
    print(f"{device} として登録されました / is enrolled; its settings: {bus.settings_path}")
    if not given.tpm:
        print(
            "この端末にはTPMがないため、鍵を守るのは暗証番号だけです / "
            "this box has no chip (TPM): the PIN alone guards its keys; join with --tpm when it has one"
        )
    return 0


def _code(picture: Path | None, camera: str | None, address: str) -> Code:
    # The rooms that look at pictures are loaded for a picture only: they are large.
    if camera is not None:
        from provisioning.joining.looking import look_through  # noqa: PLC0415

        print(
            "登録コードをカメラに向けてください / hold the depot's code before the camera",
            flush=True,
        )
        return read_code(asyncio.run(look_through(open_camera("v4l2", device=camera))), address)
    if picture is not None:
        from provisioning.joining.looking import read_picture  # noqa: PLC0415

        return read_code(read_picture(picture), address)
    # A hand scanner types what it reads, too. Never an argument: those stand in every list of processes.
    return read_code(input("登録コード / the depot's code: "), address)


def _show(words: tuple[str, ...]) -> None:
    print(
        f"\n    {shown(words)}\n\n"
        "この言葉を市役所側の画面と見比べ、同じなら先方で承認してもらってください。\n"
        "Read these words to the depot; it says yes only when its screen shows the same.",
        flush=True,
    )


def _refused(refusal: Exception) -> int:
    print(refusal, file=sys.stderr)
    if isinstance(refusal, RefusedError) and refusal.code == EnrolRefused.OVERHEARD:
        print("登録コードが漏れています。すぐ市役所に連絡 / call the depot now", file=sys.stderr)
    return 1

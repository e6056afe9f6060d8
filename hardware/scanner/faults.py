"""The sentences of a sheet feeder: one error for each cause, the same for every driver."""

from hardware.errors import DeviceBusy, DeviceError, DeviceFault, DeviceMissing

_KINDS: dict[str, tuple[type[DeviceError], str, str, str, str]] = {
    "empty": (
        DeviceFault,
        "the feeder is empty",
        "put the stack into the feeder and start again",
        "給紙台に紙がありません。書類を置いて、もう一度読み取ってください。",
        "The feeder is empty. Put the papers in and start again.",
    ),
    "jammed": (
        DeviceFault,
        "a sheet is jammed",
        "take the jammed sheet out, put it back on the stack and start again",
        "紙が詰まりました。詰まった紙を取り出し、残りの束の上に戻して、もう一度読み取ってください。",
        "A sheet is jammed. Take it out, put it back on top of the rest and start again.",
    ),
    "double_fed": (
        DeviceFault,
        "two sheets were pulled at once",
        "take both out, fan the stack, put them back on top in order and start again",
        "紙が2枚重なって送られました。2枚とも取り出し、束をさばいて順に上へ戻し、もう一度読み取ってください。",
        "Two sheets were pulled at once. Take both out, fan the stack, put them back on top in order and start again.",
    ),
    "cover_open": (
        DeviceFault,
        "the cover is open",
        "close the cover and start again",
        "スキャナーのカバーが開いています。閉めてから、もう一度読み取ってください。",
        "The scanner's cover is open. Close it and start again.",
    ),
    "busy": (
        DeviceBusy,
        "the scanner is busy",
        "wait a moment and start again",
        "スキャナーが使用中です。少し待ってから、もう一度読み取ってください。",
        "The scanner is busy. Wait a moment and start again.",
    ),
    "absent": (
        DeviceMissing,
        "the scanner does not answer",
        "check its power and its cable, then start again",
        "スキャナーが見つかりません。電源とケーブルを確かめて、もう一度読み取ってください。",
        "The scanner cannot be found. Check its power and cable and start again.",
    ),
    "hung": (
        DeviceFault,
        "the scanner stopped answering and its driver was ended",
        "check the sheet that was being pulled, then start again",
        "スキャナーの応答が止まりました。途中の紙を確かめて、もう一度読み取ってください。",
        "The scanner stopped answering. Check the sheet it was pulling and start again.",
    ),
    "io": (
        DeviceFault,
        "the scanner broke off",
        "check the cover, the cable and the last sheet, then start again",
        "読み取りが途中で切れました。カバーとケーブルと最後の紙を確かめて、もう一度読み取ってください。",
        "Scanning broke off. Check the cover, the cable and the last sheet and start again.",
    ),
    "unusable": (
        DeviceFault,
        "the scanner's driver refuses our settings",
        "let a technician run the probe and compare the scanner's settings",
        "スキャナーの設定が合っていません。担当の技術者に連絡してください。",
        "The scanner's settings do not fit. Please call the technician.",
    ),
    "no_room": (
        DeviceFault,
        "this machine has no memory left for a sheet",
        "close other programs or restart the box, then start again",
        "端末のメモリーが足りません。端末を再起動して、もう一度読み取ってください。",
        "This machine is out of memory. Restart it and scan again.",
    ),
}


def feeder_error(
    device: str, cause: str, detail: str = "", undelivered: int | None = None
) -> DeviceError:
    """Make the error of one cause; `detail` is the driver's own word, for the log and the technician only.

    `undelivered` counts the sides scanned whose picture never came; None where the device does not say.
    """
    kind, fact, remedy, ja, en = _KINDS[cause]
    fact = f"{fact} ({detail})" if detail else fact
    return kind(device, cause, fact, remedy, ja=ja, en=en, undelivered=undelivered)

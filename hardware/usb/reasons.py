"""Why a USB device is used or not: one word for the log, a sentence in Japanese and English for the person there."""

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """What the gate found. Only LISTED is used."""

    LISTED = "listed"
    GARBLED = "garbled"
    UNKNOWN = "unknown"
    SERIAL = "serial"
    PORT = "port"
    INTERFACES = "interfaces"
    TWICE = "twice"
    CHANGED = "changed"
    LATE_KEYS = "late_keys"
    FLOOD = "flood"


SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.LISTED: ("使えます。", "It may be used."),
    Reason.GARBLED: (
        "USB機器の自己紹介が規則に合いません。抜いてください。",
        "The USB device describes itself against the rules. Please unplug it.",
    ),
    Reason.UNKNOWN: (
        "登録されていないUSB機器です。抜いてください。",
        "This USB device is not on the list. Please unplug it.",
    ),
    Reason.SERIAL: (
        "同じ型ですが、登録された機器ではありません。抜いてください。",
        "The model is right, but it is not the device on the list. Please unplug it.",
    ),
    Reason.PORT: (
        "差込口が違います。決められた差込口に差してください。",
        "This is another socket. Please plug the device into its own.",
    ),
    Reason.INTERFACES: (
        "登録と違う働きを持つUSB機器です。抜いて、係に見せてください。",
        "The USB device can do other things than the list says. Please unplug it and show it to the technician.",
    ),
    Reason.TWICE: (
        "同じ機器がもう一つ差し込まれました。後から差した方を抜いてください。",
        "The same device is there twice. Please unplug the later one.",
    ),
    Reason.CHANGED: (
        "USB機器が途中で別の機器に変わりました。抜いて、係に見せてください。次の起動まで使えません。",
        "The USB device changed into another. It is not used until the next start; show it to the technician.",
    ),
    Reason.LATE_KEYS: (
        "起動後につないだキーボードは使えません。抜いてください。",
        "A keyboard plugged in after the start is not used. Please unplug it.",
    ),
    Reason.FLOOD: (
        "USB機器が何度も抜き差しされています。一分待って差し直してください。",
        "The USB device comes and goes too often. Please wait a minute and plug it in again.",
    ),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says about the device in one socket; `row` is its name on the list, empty when on none.

    `keys`: people type with it, so only the gate brings it into use.
    """

    port: str
    reason: Reason
    row: str = ""
    keys: bool = False

    @property
    def allowed(self) -> bool:
        """Say whether it may be used."""
        return self.reason is Reason.LISTED

"""The list as rules for usbguard, which judges each device before the kernel gives it a driver.

usbguard reads them from /etc/usbguard/rules.conf; the gate behind it judges what no rule can say.
https://usbguard.github.io/documentation/rule-language
"""

from collections.abc import Sequence
from typing import Final

from hardware.usb.allowed import ANY, Allowed

_HEAD: Final = """\
# Written by `madobus provision usb rules` from the list of allowed devices: change that list, not this file.
# The last line refuses whatever no line above allows, before any driver sees it.
"""


def usbguard_rules(rows: Sequence[Allowed]) -> str:
    """Write the whole rules.conf: one line a row, and `reject` for all others."""
    lines = [f"{_rule(row)}\n" for row in rows]
    return "".join([_HEAD, *lines, "reject\n"])


def _rule(row: Allowed) -> str:
    # Keys are only known here: nobody but the porter brings them into use, and after the start not even it.
    target = "allow" if row.keys == "never" else "block"
    words = [f"{target} id {row.vendor}:{row.product}"]
    if row.serial != ANY:
        words.append(f'serial "{row.serial}"')
    if row.port != ANY:
        words.append(f'via-port "{row.port}"')
    words.append(f"with-interface equals {{ {' '.join(row.interfaces)} }}")
    return " ".join(words)

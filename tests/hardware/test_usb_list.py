"""The list of allowed devices: read with a checker, suggested from what is plugged in, written as usbguard's rules."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from hardware.usb.allowed import MAX_FILE_BYTES, MAX_ROWS, parse_allowed, read_allowed
from hardware.usb.suggesting import suggest_rows
from hardware.usb.usbguard import usbguard_rules
from tests.support.usb_devices import BLUETOOTH, HONEST, KEYPAD, LIST, SCANNER, raw, usb

ROW = {
    "name": '"scanner"',
    "vendor": '"04c5"',
    "product": '"15ff"',
    "serial": '"SC-0001"',
    "port": '"1-1"',
    "interfaces": '["ff:ff:ff"]',
}


def listed(**changes: str) -> bytes:
    """A list of one row with other values; an empty one leaves the field out."""
    fields = {**ROW, **changes}
    return "\n".join(["[[device]]", *(f"{k} = {v}" for k, v in fields.items() if v)]).encode()


def test_ok__a_row_is_read() -> None:
    """What is not written is "never" and nothing."""
    assert parse_allowed(listed()) == (replace(LIST[0], name="scanner"),)


def test_ok__an_empty_list_allows_nothing(tmp_path: Path) -> None:
    """It is a list."""
    path = tmp_path / "usb.toml"
    path.write_bytes(b"")
    assert read_allowed(path) == ()


WRONG = {
    "not TOML": b"[[device",
    "unknown 'vendor'": b'vendor = "04c5"',
    "must be at most": b"device = 3",
    "1: not a row": b"device = [3]",
    "1: unknown field 'colour'": listed(colour='"red"'),
    "1: serial is missing": listed(serial=""),
    "1: name is": listed(name='"Scanner 1"'),
    "1: vendor is": listed(vendor='"4C5"'),
    "1: product is": listed(product="5631"),
    "1: serial is": listed(serial='"A\\"B"'),
    "1: port is": listed(port='"usb1"'),
    "1: interfaces is 'ff'": listed(interfaces='["ff"]'),
    "1: interfaces is empty": listed(interfaces="[]"),
    "1: interfaces must be a list": listed(interfaces='"ff:ff:ff"'),
    "1: keys is 'always'": listed(keys='"always"'),
    "1: keys is 'at-start'": listed(keys='"at-start"'),
    "1: keys is 'never'": listed(interfaces='["03:01:01"]'),
    "needs its own socket": listed(interfaces='["03:01:01"]', keys='"returns"', port='"*"'),
    "has no Bluetooth": listed(interfaces=f'["{BLUETOOTH}"]'),
    "which is no row": listed(becomes='["modem"]'),
    "two rows are called": listed() + b"\n" + listed(),
    f"at most {MAX_ROWS}": (listed() + b"\n") * (MAX_ROWS + 1),
}


@pytest.mark.parametrize("words", WRONG)
def test_fail__a_wrong_list_is_explained(words: str) -> None:
    """File, row, rule, fact."""
    with pytest.raises(ValueError, match=r"^usb\.toml: ") as failure:
        parse_allowed(WRONG[words])
    assert words in str(failure.value)


def test_fail__a_list_without_end_is_not_read(tmp_path: Path) -> None:
    """One byte more than the limit."""
    path = tmp_path / "usb.toml"
    path.write_bytes(b"#" * (MAX_FILE_BYTES + 1))
    with pytest.raises(ValueError, match="longer than"):
        read_allowed(path)


def test_ok__suggested_rows_allow_what_was_plugged_in() -> None:
    """Each device in its socket; keys until the start is over."""
    rows = parse_allowed(suggest_rows(HONEST).encode())
    assert [(row.vendor, row.port) for row in rows] == [
        (one.raw[9:7:-1].hex(), one.port) for one in HONEST
    ]
    assert [row.keys for row in rows if row.port == KEYPAD.port] == ["at-start"]


def test_ok__what_cannot_be_listed_becomes_a_comment() -> None:
    """A broken device and a Bluetooth dongle; a serial number with a quote is taken for any."""
    odd = [usb("1-1", b"half"), usb("1-2", raw(1, 2, BLUETOOTH)), replace(SCANNER, serial='"')]
    rows = parse_allowed(suggest_rows(odd).encode())
    assert [(row.port, row.serial) for row in rows] == [("1-1", "*")]


def test_ok__each_row_is_a_rule_and_the_last_refuses() -> None:
    """Socket and serial number only where the row has them."""
    lines = usbguard_rules(LIST).splitlines()
    rules = [line for line in lines if not line.startswith("#")]
    assert (len(rules), rules[-1]) == (len(LIST) + 1, "reject")
    assert rules[0] == (
        'allow id 04c5:15ff serial "SC-0001" via-port "1-1" with-interface equals { ff:ff:ff }'
    )
    assert [rule.partition(" ")[0] for rule in rules[1:4]] == ["allow", "block", "block"]
    assert "via-port" not in rules[4]


@pytest.mark.skipif(
    shutil.which("usbguard-rule-parser") is None,
    reason="usbguard-rule-parser is not installed (Debian package usbguard)",
)
def test_ok__usbguard_reads_every_rule(tmp_path: Path) -> None:
    """Its own parser takes the file whole."""
    path = tmp_path / "rules.conf"
    path.write_text(usbguard_rules(LIST), encoding="utf-8")
    told = subprocess.run(
        ["usbguard-rule-parser", "-f", str(path)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.count("OUTPUT: allow id ") == len(LIST) - 2
    assert told.stdout.count("OUTPUT: block id ") == 2

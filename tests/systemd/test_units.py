"""The units: correct, closed, explained, and about modules that exist."""

import configparser
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "systemd"
APART = "madobus-guests"
"""Not one of our processes: it shuts the passengers' network away once and is done."""
UNITS_OF_ALL = sorted(UNITS.glob("*.service"))
SERVICES = [unit for unit in UNITS_OF_ALL if unit.stem != APART]
# Tenths of the exposure systemd counts, 0 (closed) to 100; a new hole shows as a number here.
EXPOSURE = {
    "madobus-desk": 16,
    "madobus-uplink": 12,
    "madobus-porter": 8,
    "madobus-call": 11,
    "madobus-intake": 11,
    "madobus-office": 10,
    "madobus-switchboard": 11,
}
EXPOSURE_APART = 37
EXPLAINED_ELSEWHERE = {"ExecStart", "ExecStop"}  # the README's first words say what is started
needs_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine"
)


def directives(unit: Path) -> list[tuple[str, str]]:
    """Every line of the [Service] part, in order."""
    service = unit.read_text(encoding="utf-8").partition("[Service]")[2].partition("[Install]")[0]
    return re.findall(r"^([A-Za-z]+)=(.*)$", service, re.MULTILINE)


def here(unit: Path, folder: Path) -> Path:
    """Copy a unit with this machine's Python in place of the installed one."""
    text = unit.read_text(encoding="utf-8").replace("/opt/madobus/bin/python", sys.executable)
    copy = folder / unit.name
    copy.write_text(text, encoding="utf-8")
    return copy


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run systemd-analyze."""
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, check=False, timeout=60
    )


def test_ok__there_is_a_unit_for_each_process() -> None:
    """Seven, and an exposure for each."""
    assert {unit.stem for unit in SERVICES} == set(EXPOSURE)


@needs_analyze
@pytest.mark.parametrize("unit", UNITS_OF_ALL, ids=lambda unit: unit.stem)
def test_ok__systemd_finds_no_fault(unit: Path, tmp_path: Path) -> None:
    """Unknown keys and bad values would be printed."""
    told = analyze("verify", str(here(unit, tmp_path)))
    assert (told.returncode, told.stderr) == (0, "")


@needs_analyze
@pytest.mark.parametrize("unit", UNITS_OF_ALL, ids=lambda unit: unit.stem)
def test_ok__the_unit_is_no_more_open_than_agreed(unit: Path, tmp_path: Path) -> None:
    """Each exception has its reason in the README."""
    threshold = f"--threshold={EXPOSURE.get(unit.stem, EXPOSURE_APART)}"
    told = analyze("security", "--offline=true", threshold, str(here(unit, tmp_path)))
    assert told.returncode == 0, told.stdout.splitlines()[-1:]


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_ok__the_started_module_exists(unit: Path) -> None:
    """With the settings file of its side."""
    command = dict(directives(unit))["ExecStart"]
    module, config = re.fullmatch(r"\S+ -m (\S+) --config (\S+)", command).groups()  # type: ignore[union-attr]
    side = "bus" if module.startswith("appliance.") else "hall"
    assert importlib.util.find_spec(module) is not None
    assert config == f"/etc/madobus/{side}.toml"


@pytest.mark.parametrize("unit", UNITS_OF_ALL, ids=lambda unit: unit.stem)
def test_ok__every_line_is_explained(unit: Path) -> None:
    """The README names each directive that a unit uses."""
    readme = (UNITS / "README.md").read_text(encoding="utf-8")
    used = {name for name, _ in directives(unit)} - EXPLAINED_ELSEWHERE
    assert {name for name in used if f"`{name}`" not in readme} == set()


@pytest.mark.parametrize("unit", SERVICES, ids=lambda unit: unit.stem)
def test_ok__every_user_and_group_is_made(unit: Path) -> None:
    """Sysusers knows them; the scanner's and the camera's groups are Debian's own."""
    made = (UNITS / "madobus.sysusers.conf").read_text(encoding="utf-8")
    known = set(re.findall(r"^[ug] (\S+)", made, re.MULTILINE)) | {"scanner", "video"}
    settings = dict(directives(unit))
    wanted = {settings["User"], settings["Group"], *settings.get("SupplementaryGroups", "").split()}
    assert wanted <= known


def test_ok__the_keyless_never_see_the_keys() -> None:
    """Uplink and call cannot see the desk's folder, intake and switchboard not the office's."""
    hidden = {unit.stem: dict(directives(unit)).get("InaccessiblePaths", "") for unit in SERVICES}
    assert "/var/lib/madobus-desk" in hidden["madobus-uplink"]
    assert "/var/lib/madobus-desk" in hidden["madobus-call"]
    assert "/var/lib/madobus-office" in hidden["madobus-intake"]
    assert "/var/lib/madobus-office" in hidden["madobus-switchboard"]


def test_ok__no_two_units_share_a_credential() -> None:
    """One key file, one process."""
    sources = [
        value.partition(":")[2]
        for unit in SERVICES
        for name, value in directives(unit)
        if name == "LoadCredential"
    ]
    assert len(sources) == len(set(sources))


def test_ok__the_units_differ_only_where_they_must() -> None:
    """The shared walls stand in every unit."""
    walls = {"NoNewPrivileges", "ProtectSystem", "MemoryDenyWriteExecute", "SystemCallFilter"}
    for unit in SERVICES:
        assert walls <= {name for name, _ in directives(unit)}
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.read(unit, encoding="utf-8")
        assert parser["Unit"]["StartLimitIntervalSec"] == "0"


def test_ok__every_file_says_where_it_goes() -> None:
    """The README's first table has a row for each."""
    readme = (UNITS / "README.md").read_text(encoding="utf-8").partition("## Where things lie")[0]
    files = {path.name for path in UNITS.iterdir()} - {"README.md"}
    services = {name for name in files if name.endswith(".service")}
    assert {name for name in files - services if f"`{name}`" not in readme} == set()


def test_ok__the_porter_sees_neither_keys_nor_shelves() -> None:
    """It needs sockets and its book."""
    hidden = dict(directives(UNITS / "madobus-porter.service"))["InaccessiblePaths"]
    assert {"-/var/lib/madobus-desk", "-/etc/madobus/keys"} <= set(hidden.split())


def test_ok__usbguard_refuses_what_no_rule_names() -> None:
    """At the start, later, and when it is not running."""
    lines = (UNITS / "usbguard-daemon.conf").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert settings["ImplicitPolicyTarget"] == "reject"
    assert settings["PresentDevicePolicy"] == settings["InsertedDevicePolicy"] == "apply-policy"
    assert (settings["AuthorizedDefault"], settings["RestoreControllerDeviceState"]) == (
        "none",
        "false",
    )
    assert (settings["IPCAllowedUsers"], settings["IPCAllowedGroups"]) == ("root", "")

"""Which drivers there are. A driver's module is imported when it is opened, not before."""

from importlib import import_module
from typing import Any

from hardware.protocols import Camera, Hotplug, Location, Modem, Power, Printer, Scanner, Tpm
from hardware.usb.ports import UsbPorts

DRIVERS: dict[str, dict[str, str]] = {
    "scanner": {
        "sane": "hardware.scanner.sane:SaneScanner",
        "simulated": "hardware.scanner.simulated:SimulatedScanner",
    },
    "camera": {
        "v4l2": "hardware.camera.v4l2:V4l2Camera",
        "simulated": "hardware.camera.simulated:SimulatedCamera",
    },
    "modem": {"simulated": "hardware.modem.simulated:SimulatedModem"},
    "location": {"simulated": "hardware.location.simulated:SimulatedLocation"},
    "power": {
        "sysfs": "hardware.power.sysfs:SysfsPower",
        "simulated": "hardware.power.simulated:SimulatedPower",
    },
    "printer": {
        "cups": "hardware.printer.cups:CupsPrinter",
        "simulated": "hardware.printer.simulated:SimulatedPrinter",
    },
    "hotplug": {
        "udev": "hardware.hotplug.udev:UdevHotplug",
        "simulated": "hardware.hotplug.simulated:SimulatedHotplug",
    },
    "usb": {
        "sysfs": "hardware.usb.sysfs:SysfsUsb",
        "simulated": "hardware.usb.simulated:SimulatedUsb",
    },
    "tpm": {
        "tpm2": "hardware.tpm.tpm2:Tpm2",
        "simulated": "hardware.tpm.simulated:SimulatedTpm",
    },
}


def open_scanner(driver: str, **options: Any) -> Scanner:
    """Build a scanner driver; the options are its constructor's. ValueError for an unknown name."""
    scanner: Scanner = _open("scanner", driver, options)
    return scanner


def open_camera(driver: str, **options: Any) -> Camera:
    """Build a camera driver."""
    camera: Camera = _open("camera", driver, options)
    return camera


def open_modem(driver: str, **options: Any) -> Modem:
    """Build a modem driver."""
    modem: Modem = _open("modem", driver, options)
    return modem


def open_location(driver: str, **options: Any) -> Location:
    """Build a satellite receiver's driver."""
    location: Location = _open("location", driver, options)
    return location


def open_power(driver: str, **options: Any) -> Power:
    """Build a supply's driver."""
    power: Power = _open("power", driver, options)
    return power


def open_printer(driver: str, **options: Any) -> Printer:
    """Build a printer driver."""
    printer: Printer = _open("printer", driver, options)
    return printer


def open_hotplug(driver: str, **options: Any) -> Hotplug:
    """Build the watcher of what is plugged in."""
    hotplug: Hotplug = _open("hotplug", driver, options)
    return hotplug


def open_usb(driver: str, **options: Any) -> UsbPorts:
    """Build the sockets that the porter keeps."""
    ports: UsbPorts = _open("usb", driver, options)
    return ports


def open_tpm(driver: str, **options: Any) -> Tpm:
    """Build the driver of the chip that keeps secrets."""
    tpm: Tpm = _open("tpm", driver, options)
    return tpm


def _open(capability: str, driver: str, options: dict[str, Any]) -> Any:
    drivers = DRIVERS[capability]
    if driver not in drivers:
        raise ValueError(f"{capability}: no driver {driver!r}; use one of {sorted(drivers)}")
    module, _, noun = drivers[driver].partition(":")
    return getattr(import_module(module), noun)(**options)

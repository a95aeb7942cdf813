"""A USB reader by what stays the same: the port it is plugged into, or its own serial number.

The kernel numbers buses and devices in the order in which it finds them, so after a restart or a replug the
numbers may be another reader's. The kernel's device tree has the present numbers.
"""

import errno
import os
from pathlib import Path

DEVICES = Path("/sys/bus/usb/devices")


def bus_path(path: str, devices: Path = DEVICES) -> str | None:
    """Return usb:port:PORT and usb:serial:NUMBER as nfcpy's usb:BUS:DEVICE of now; any other path unchanged.

    None if there is no such reader. Raises OSError EEXIST if several have that serial number.
    """
    _, _, rest = path.partition(":")
    kind, _, name = rest.partition(":")
    if kind == "port":
        return _numbers(devices / name) if _is_name(name) else None
    if kind != "serial":
        return path
    found = [place for place in _places(devices) if _read(place / "serial") == name]
    if len(found) > 1:
        raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))
    return _numbers(found[0]) if found else None


def _places(devices: Path) -> list[Path]:
    try:
        return sorted(devices.iterdir())
    except OSError:
        return []


def _is_name(name: str) -> bool:
    return "/" not in name and name not in ("", ".", "..")


def _numbers(place: Path) -> str | None:
    bus, device = _read(place / "busnum"), _read(place / "devnum")
    return f"usb:{int(bus):03}:{int(device):03}" if bus.isdecimal() and device.isdecimal() else None


def _read(file: Path) -> str:
    """Return an empty text if the file is missing: a port has no serial number, and a device may be gone by
    now.
    """
    try:
        return file.read_text("utf-8", "replace").strip()
    except OSError:
        return ""

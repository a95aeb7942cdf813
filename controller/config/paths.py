"""A reader's path: which device it names, and which forms are allowed."""

import re
from dataclasses import dataclass
from typing import Any

from controller.config.table import NAME

_BAUDS = ("9600", "19200", "38400", "57600", "115200", "230400")


@dataclass(frozen=True)
class OsdpPath:
    """osdp:PORT:ADDRESS[:BAUD]; several readers may share a port. PORT is USB0 for /dev/ttyUSB0, or a whole
    path, which may contain colons; pty:LINE is a virtual line of the demo.
    """

    port: str  # a device file, or the name of a virtual line
    is_virtual: bool
    address: int
    baud: int

    @classmethod
    def parse(cls, path: str) -> "OsdpPath":
        """Raise ValueError for a text that is not an OSDP path."""
        kind, _, rest = path.partition(":")
        words = rest.split(":")
        baud = int(words.pop()) if words[-1] in _BAUDS and len(words) > 2 else 115_200
        address, is_virtual = words.pop(), words[0] == "pty"
        port = ":".join(words[1:] if is_virtual else words)
        if kind != "osdp" or not re.fullmatch(r"[0-9]{1,3}", address) or int(address) > 126:
            raise ValueError("not an OSDP path")
        if re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", port) and not is_virtual:
            port = f"/dev/tty{port}"
        if not (NAME.fullmatch(port) if is_virtual else re.fullmatch(r"/dev/\S+", port)):
            raise ValueError("not an OSDP path")
        return cls(port, is_virtual, int(address), baud)


def reader_path(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if value.startswith("osdp:"):
        try:
            OsdpPath.parse(value)
        except (ValueError, IndexError):
            return None
        return value
    if value.startswith("pcsc:"):
        return value if re.fullmatch(r"pcsc:[!-~](?:[ -~]{0,98}[!-~])?", value) else None
    if value.startswith("tty:pty:") and not NAME.fullmatch(value.removeprefix("tty:pty:")):
        return None
    return value if re.fullmatch(r"(usb|tty|udp)(:[^\s:]+)+", value) else None


def serial_port(path: str) -> str | None:
    """The device file of a real reader on a serial port, as configured; None for any other path."""
    if path.startswith("osdp:"):
        line = OsdpPath.parse(path)
        return None if line.is_virtual else line.port
    if not path.startswith("tty:") or path.startswith("tty:pty:"):
        return None
    name = re.sub(r":(pn532|arygon)$", "", path.removeprefix("tty:"))
    return name if name.startswith("/") else f"/dev/tty{name}"

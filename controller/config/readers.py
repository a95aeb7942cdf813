"""[readers.*]: the path and access point of each reader."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from controller.config.doors import AccessPointConfig, DoorConfig
from controller.config.paths import OsdpPath, reader_path
from controller.config.table import Table, choice
from controller.errors import ConfigError


@dataclass(frozen=True)
class ReaderConfig:
    name: str
    access_point: str
    path: str

    @property
    def virtual_port(self) -> str | None:
        """The serial port's name of a virtual PN532 of the demo; else None."""
        return self.path.removeprefix("tty:pty:") if self.path.startswith("tty:pty:") else None


def osdp_readers(readers: Mapping[str, ReaderConfig]) -> dict[str, OsdpPath]:
    return {r.name: OsdpPath.parse(r.path) for r in readers.values() if r.path.startswith("osdp:")}


def read_reader(table: Table, name: str, points: Mapping[str, AccessPointConfig], demo: bool) -> ReaderConfig:
    reader = ReaderConfig(
        name=name,
        access_point=table.required(
            "access_point",
            choice(*points),
            f"one of the access points: {', '.join(points) or 'none is defined'}",
        ),
        path=table.required(
            "path",
            reader_path,
            '"usb:…", "tty:…", "pcsc:NAME", "osdp:PORT:ADDRESS[:BAUD]" or (demo) "udp:HOST:PORT", '
            '"tty:pty:NAME", "osdp:pty:LINE:ADDRESS"',
        ),
    )
    table.done()
    if reader.path.startswith("udp:") and not demo:
        raise table.fail("path", "udp: is a virtual reader, allowed only with demo = true in [site].")
    if reader.virtual_port is not None and not demo:
        raise table.fail("path", "tty:pty: is a virtual reader, allowed only with demo = true in [site].")
    if reader.path.startswith("osdp:pty:") and not demo:
        raise table.fail("path", "osdp:pty: is a virtual line, allowed only with demo = true in [site].")
    return reader


def refuse_lock_readers(
    file: Path,
    doors: Mapping[str, DoorConfig],
    points: Mapping[str, AccessPointConfig],
    readers: Mapping[str, ReaderConfig],
) -> None:
    for door in doors.values():
        if door.lock_reader is None:
            continue
        there = [
            name for name in osdp_readers(readers) if points[readers[name].access_point].door == door.name
        ]
        if door.lock_reader not in there:
            raise ConfigError(
                f"{file} [doors.{door.name}] lock_reader: {door.lock_reader} is not an OSDP reader of this "
                f"door; write {' or '.join(there) or 'lock_pin instead, it has none'}.",
                where=f"[doors.{door.name}] lock_reader",
            )

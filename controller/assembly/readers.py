"""Builds what belongs to the readers: their places, the demo's virtual lines, and their install windows."""

import contextlib
from collections.abc import Callable, Mapping

from controller.config import Config, osdp_readers
from controller.drivers.bridge_reader import BridgeReader
from controller.runtime.reader_events import ReaderLocation


def reader_locations(config: Config) -> dict[str, ReaderLocation]:
    points = config.access_points
    return {
        reader.name: ReaderLocation(
            points[reader.access_point].door, reader.access_point, points[reader.access_point].direction
        )
        for reader in config.readers.values()
    }


def open_virtual_lines(config: Config, opened: contextlib.ExitStack) -> None:
    """OSDP and PN532 readers of the demo. Outside the demo such paths are refused."""
    from controller.drivers.virtual_line import VirtualLine, VirtualPn532

    paths = {name: path for name, path in osdp_readers(config.readers).items() if path.is_virtual}
    for line in {path.port for path in paths.values()}:
        members = [(name, path.address) for name, path in paths.items() if path.port == line]
        opened.callback(VirtualLine(config.data / "simulator", line, members).stop)
    for reader in config.readers.values():
        if reader.virtual_port is not None:
            chip = VirtualPn532(config.data / "simulator", reader.virtual_port, reader.name)
            opened.callback(chip.stop)


def readers_on_lock_lines(config: Config) -> set[str]:
    """The readers that drive a door's lock, and all readers of their lines: a line has one bridge."""
    paths = osdp_readers(config.readers)
    ports = {paths[door.lock_reader].port for door in config.doors.values() if door.lock_reader}
    return {name for name, path in paths.items() if path.port in ports}


def install_windows(config: Config, readers: Mapping[str, BridgeReader]) -> dict[str, Callable[[], None]]:
    return {name: readers[name].open_install for name in osdp_readers(config.readers)}

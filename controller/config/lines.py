"""Refuses readers that share a device, may swap places, or can't share a line."""

import re
from collections.abc import Mapping
from pathlib import Path

from controller.config.paths import OsdpPath, serial_port
from controller.config.readers import ReaderConfig, osdp_readers
from controller.errors import ConfigError
from controller.model.config_codes import ConfigCode

MOST_ON_A_LINE = 32  # the electrical limit of RS-485
_MODEL = re.compile(r"usb:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")


def refuse_shared_devices(file: Path, readers: Mapping[str, ReaderConfig]) -> None:
    """One device path, one reader."""
    paths: dict[str, str] = {}
    for reader in readers.values():
        if reader.path in paths:
            raise ConfigError(
                f"{file} {_path_of(reader.name)}: {reader.path} is already used by "
                f"[readers.{paths[reader.path]}]; give each its own.",
                ConfigCode.USED_TWICE,
                where=_path_of(reader.name),
                other=_path_of(paths[reader.path]),
            )
        paths[reader.path] = reader.name
    _refuse_one_port_twice(file, readers)
    _refuse_swappable(file, readers)
    _refuse_mixed_lines(file, readers)


def _refuse_one_port_twice(file: Path, readers: Mapping[str, ReaderConfig]) -> None:
    """Refuse a serial port under two names; only an OSDP line has several readers."""
    used_by = {path.port: name for name, path in osdp_readers(readers).items() if not path.is_virtual}
    for reader in readers.values():
        if not reader.path.startswith("tty:") or (port := serial_port(reader.path)) is None:
            continue
        if port in used_by:
            raise ConfigError(
                f"{file} {_path_of(reader.name)}: {port} is already used by [readers.{used_by[port]}]; "
                "give each its own.",
                ConfigCode.USED_TWICE,
                where=_path_of(reader.name),
                other=_path_of(used_by[port]),
            )
        used_by[port] = reader.name


def _refuse_swappable(file: Path, readers: Mapping[str, ReaderConfig]) -> None:
    """Refuse readers that may swap places at a restart: USB devices are numbered in the order of
    detection.
    """
    for kind, hint in (
        ("usb", "usb:port:PORT or usb:serial:NUMBER"),
        ("tty", "tty:/dev/serial/by-id/… or tty:/dev/serial/by-path/…"),
    ):
        found = [r for r in readers.values() if r.path.startswith(f"{kind}:") and not _is_fixed(r.path)]
        models = {r.path.lower() for r in found if _MODEL.fullmatch(r.path)}
        if len(models) == len(found) and not any(_is_bound(r.path) for r in found):
            continue  # all of different makes
        loose = [r for r in found if not _is_bound(r.path)]
        if len(found) > 1 and loose:
            raise ConfigError(
                f"{file} {_path_of(loose[0].name)}: {loose[0].path} may be another reader after a "
                f"restart, because USB devices are numbered as they are found; with several write {hint}.",
                where=_path_of(loose[0].name),
            )


def _is_fixed(path: str) -> bool:
    """Not on USB at all."""
    return bool(re.match(r"tty:(pty:|(/dev/tty)?(AMA|S)[0-9])", path))


def _is_bound(path: str) -> bool:
    """Identified by its port or its serial number."""
    return path.startswith(("usb:port:", "usb:serial:", "tty:/dev/")) and not path.startswith("tty:/dev/tty")


def _refuse_mixed_lines(file: Path, readers: Mapping[str, ReaderConfig]) -> None:
    """On one RS-485 line each reader has its own address, and all have the same speed."""
    first: dict[str, tuple[str, OsdpPath]] = {}
    used_by: dict[tuple[str, int], str] = {}
    for name, path in osdp_readers(readers).items():
        here = _path_of(name)
        other, line = first.setdefault(path.port, (name, path))
        if line.baud != path.baud:
            raise ConfigError(
                f"{file} {here}: {path.baud} baud, but [readers.{other}] on the same line has {line.baud}; "
                "give all readers of a line one speed.",
                where=here,
            )
        if (path.port, path.address) in used_by:
            raise ConfigError(
                f"{file} {here}: address {path.address} on {path.port} is already used by "
                f"[readers.{used_by[path.port, path.address]}]; give each its own.",
                ConfigCode.USED_TWICE,
                where=here,
                other=_path_of(used_by[path.port, path.address]),
            )
        used_by[path.port, path.address] = name
    for port in first:
        if sum(on == port for on, _ in used_by) > MOST_ON_A_LINE:
            raise ConfigError(
                f"{file} [readers]: more than {MOST_ON_A_LINE} readers on {port}; use a second line.",
                where="[readers]",
            )


def _path_of(reader: str) -> str:
    """Where the path of a reader is in the file."""
    return f"[readers.{reader}] path"

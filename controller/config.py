"""genkan.toml as typed fields. Everything is checked here, at the start; later nobody reads the file.

An unknown key or a bad value is an error that names file, section, key and the allowed values. The keys,
their defaults and bounds are listed once, below; deploy/genkan.example.toml shows them all.
"""

import hashlib
import os
import re
import tomllib
import zoneinfo
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any, TypeVar

from controller.errors import ConfigError
from controller.model.access import Direction

T = TypeVar("T")
LAST_GOOD = Path("journal", "last_good", "genkan.toml")  # in the data folder, where only the door writes
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_PINS = range(2, 28)  # BCM numbers on the 40-pin header; 0 and 1 belong to the HAT EEPROM
# At power-on the Pi pulls 0 to 8 up and sends its console on 14; a relay there would pulse at boot.
_LOCK_PIN_WORDS = "9 to 13 or 16 to 27, which stay low while the Pi boots"
_LOCK_PINS = (*range(9, 14), *range(16, 28))
MOST_ON_A_LINE = 32  # the electrical limit of RS-485
_BAUDS = ("9600", "19200", "38400", "57600", "115200", "230400")
_HELD_OPEN = ("held_open_warning", "held_open_alarm", "held_open_more_time")
_MODEL = re.compile(r"usb:[0-9a-fA-F]{4}:[0-9a-fA-F]{4}")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Site:
    name: str
    time_zone: zoneinfo.ZoneInfo
    demo: bool
    fire_pin: int | None
    day_ends: time  # by the clock of `time_zone`
    when_clock_untrusted: str  # "refuse" badges bound to a schedule, or "allow" them


@dataclass(frozen=True)
class Web:
    host: str
    port: int
    tls_certificate: Path | None
    tls_key: Path | None

    @property
    def tls(self) -> bool:
        return self.tls_certificate is not None


@dataclass(frozen=True)
class Log:
    keep_months: int  # whole calendar months, besides the running one; the door removes older months
    hold: bool  # nothing is removed, for example during a claim, an audit or an inquiry


@dataclass(frozen=True)
class DoorConfig:
    name: str
    label_en: str
    label_ja: str
    lock: str  # "fail_secure" (released by power) or "fail_safe" (secured by power)
    lock_pin: int | None  # None: the relay in `lock_reader` drives the lock
    release_time: timedelta
    door_contact_pin: int | None
    rex_pin: int | None
    rex_releases: bool
    held_open_warning: timedelta  # a door open this long gives a warning …
    held_open_alarm: timedelta  # … and this long, an alarm; always the longer of the two
    held_open_more_time: timedelta  # added to both for a person who needs more time
    rex_without_opening: (
        int  # requests to exit per hour that may stay without an opening before the alarm; 0: no alarm
    )
    when_journal_fails: str  # "refuse" entries, or "remember" them for a while
    lock_reader: str | None = None  # an OSDP reader of this door, chosen instead of `lock_pin`


@dataclass(frozen=True)
class AccessPointConfig:
    name: str
    label_en: str
    label_ja: str
    door: str
    direction: Direction


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
        if not (_NAME.fullmatch(port) if is_virtual else re.fullmatch(r"/dev/\S+", port)):
            raise ValueError("not an OSDP path")
        return cls(port, is_virtual, int(address), baud)


@dataclass(frozen=True)
class ReaderConfig:
    name: str
    access_point: str
    path: str

    @property
    def virtual_port(self) -> str | None:
        """The serial port's name of a virtual PN532 of the demo; else None."""
        return self.path.removeprefix("tty:pty:") if self.path.startswith("tty:pty:") else None


@dataclass(frozen=True)
class Config:
    file: Path
    version: str  # first 12 hex digits of the file's SHA-256; every record names it
    site: Site
    web: Web
    log: Log
    doors: Mapping[str, DoorConfig]
    access_points: Mapping[str, AccessPointConfig]
    readers: Mapping[str, ReaderConfig]

    @property
    def data(self) -> Path:
        """The data folder contains genkan.toml."""
        return self.file.parent


class _Table:
    """One TOML table; `done` refuses every key that was not read."""

    def __init__(self, file: Path, section: str, values: Any) -> None:
        self.file, self.section = file, section
        if not isinstance(values, dict):
            raise ConfigError(f"{file}: [{section}] must be a table of keys; write it as [{section}].")
        self.values: dict[str, Any] = values
        self.read_keys: list[str] = []

    def fail(self, key: str, problem: str) -> ConfigError:
        where = f"[{self.section}] " if self.section else ""
        return ConfigError(f"{self.file} {where}{key}: {problem}")

    def optional(self, key: str, default: T, check: Callable[[Any], T | None], allowed: str) -> T:
        self.read_keys.append(key)
        if key not in self.values:
            return default
        value = check(self.values[key])
        if value is None:
            raise self.fail(key, f"{self.values[key]!r} is not allowed; write {allowed}.")
        return value

    def required(self, key: str, check: Callable[[Any], T | None], allowed: str) -> T:
        value = self.optional(key, None, check, allowed)
        if value is None:
            unknown = [found for found in self.values if found not in self.read_keys]
            if near := _near(key, unknown, 1, 0.75):
                raise self.fail(near[0], f"unknown key (did you mean {key}?)")
            raise self.fail(key, f"is missing; write {allowed}.")
        return value

    def text(self, key: str, default: str) -> str:
        return self.optional(key, default, _short_text, "a text of 1 to 100 characters")

    def flag(self, key: str, default: bool) -> bool:
        return self.optional(key, default, lambda v: v if isinstance(v, bool) else None, "true or false")

    def pin(self, key: str) -> int | None:
        return self.optional(key, None, _pin, "a BCM pin number from 2 to 27")

    def done(self) -> None:
        if "active_low" in self.values:
            raise self.fail(
                "active_low",
                "is refused, because the pin library claims such a pin at the wrong level first and "
                "the relay would pulse; wire an active-high driver and remove the key.",
            )
        for key in self.values:
            if key not in self.read_keys:
                near = _near(key, self.read_keys, 1)
                hint = (
                    f"did you mean {near[0]}?"
                    if near
                    else f"known here: {', '.join(sorted(self.read_keys))}."
                )
                raise self.fail(key, f"unknown key ({hint})" if near else f"unknown key; {hint}")


def _near(word: str, candidates: Iterable[str], count: int = 1, cutoff: float = 0.6) -> list[str]:
    import difflib  # imported only after a mistake

    return difflib.get_close_matches(word, candidates, count, cutoff)


def _short_text(value: Any) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable() else None


def _pin(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _PINS else None


def _lock_pin(value: Any) -> int | None:
    return pin if (pin := _pin(value)) in _LOCK_PINS else None


def _reader_path(value: Any) -> str | None:
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
    if value.startswith("tty:pty:") and not _NAME.fullmatch(value.removeprefix("tty:pty:")):
        return None
    return value if re.fullmatch(r"(usb|tty|udp)(:[^\s:]+)+", value) else None


def _choice(*allowed: str) -> Callable[[Any], str | None]:
    return lambda value: value if value in allowed else None


def _number(low: float, high: float) -> Callable[[Any], float | None]:
    def check(value: Any) -> float | None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if number and low <= value <= high else None

    return check


def _months(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 3 <= value <= 1200 else None


def _hourly(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 1000 else None


def _time_of_day(value: Any) -> time | None:
    if not isinstance(value, str) or not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return None
    return time.fromisoformat(value)


def _zone(value: Any) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError):
        return None


def load(file: Path) -> Config:
    """Read and check `file` completely; raise ConfigError with one sentence."""
    return _checked(file, _read(file))


def load_or_last_good(file: Path) -> tuple[Config, str | None]:
    """Load `file`. If it cannot be used, load the copy the door last started with, and return the problem
    too.

    Raise ConfigError as `load` does if there is no such copy.
    """
    try:
        return load(file), None
    except ConfigError as error:
        try:
            config = _checked(file, _read(file.parent / LAST_GOOD))
        except ConfigError:
            raise error from None
        return config, str(error)


def keep_as_last_good(config: Config) -> None:
    """Keep the configuration that the door has started with. Raises OSError."""
    raw = config.file.read_bytes()
    copy = config.data / LAST_GOOD
    if _version(raw) != config.version or (copy.is_file() and copy.read_bytes() == raw):
        return  # edited since, or already kept
    copy.parent.mkdir(mode=0o750, exist_ok=True)
    part = copy.with_suffix(".part")
    with part.open("wb") as target:
        target.write(raw)
        target.flush()
        os.fsync(target.fileno())
    part.chmod(0o640)
    part.rename(copy)
    folder = os.open(copy.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def source_of(config: Config) -> bytes:
    """The bytes that `config` was read from: genkan.toml, or its last good copy. Raises OSError."""
    if config.file.is_file() and _version(raw := config.file.read_bytes()) == config.version:
        return raw
    kept = config.data / LAST_GOOD
    if kept.is_file() and _version(raw := kept.read_bytes()) == config.version:
        return raw
    return config.file.read_bytes()  # edited since


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read ({error.strerror}); give the path of a genkan.toml, or make one with "
            "`genkan init --data DIR`."
        ) from error


def _checked(file: Path, raw: bytes) -> Config:
    try:
        values = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{file} is not valid TOML ({error}); correct that line.") from error
    return _parse(file.absolute(), values, _version(raw))


def _version(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:12]


def _parse(file: Path, values: dict[str, Any], version: str) -> Config:
    top = _Table(file, "", values)
    site = _site(_Table(file, "site", top.optional("site", {}, _anything, "a table")))
    web = _web(_Table(file, "web", top.optional("web", {}, _anything, "a table")))
    log = _log(_Table(file, "log", top.optional("log", {}, _anything, "a table")))
    doors = {
        name: _door(_Table(file, f"doors.{name}", table), name)
        for name, table in _named(top, "doors").items()
    }
    points = {
        name: _access_point(_Table(file, f"access_points.{name}", table), name, doors)
        for name, table in _named(top, "access_points").items()
    }
    readers = {
        name: _reader(_Table(file, f"readers.{name}", table), name, points, site.demo)
        for name, table in _named(top, "readers").items()
    }
    top.done()
    _refuse_shared(file, site, doors, readers)
    _refuse_lock_readers(file, doors, points, readers)
    return Config(file, version, site, web, log, doors, points, readers)


def _anything(value: Any) -> Any:
    return value


def _named(top: _Table, section: str) -> dict[str, Any]:
    tables = _Table(top.file, section, top.optional(section, {}, _anything, "a table")).values
    for name in tables:
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"{top.file} [{section}.{name}]: the name must be 1 to 32 of a-z, 0-9 and hyphens; "
                "put other scripts into label_ja and label_en."
            )
    return tables


def _site(table: _Table) -> Site:
    site = Site(
        name=table.text("name", "Genkan"),
        time_zone=table.optional(
            "time_zone", zoneinfo.ZoneInfo("Asia/Tokyo"), _zone, 'a zone name such as "Asia/Tokyo"'
        ),
        demo=table.flag("demo", False),
        fire_pin=table.pin("fire_pin"),
        day_ends=table.optional("day_ends", time(4), _time_of_day, 'a time of day such as "04:00"'),
        when_clock_untrusted=table.optional(
            "when_clock_untrusted", "refuse", _choice("refuse", "allow"), '"refuse" or "allow"'
        ),
    )
    table.done()
    return site


def _web(table: _Table) -> Web:
    def path(value: Any) -> Path | None:
        return table.file.parent / value if isinstance(value, str) and value else None

    web = Web(
        host=table.optional("host", "127.0.0.1", _short_text, "a host name or address"),
        port=table.optional(
            "port",
            8080,
            lambda v: v if isinstance(v, int) and not isinstance(v, bool) and 1 <= v <= 65535 else None,
            "a port number from 1 to 65535",
        ),
        tls_certificate=table.optional("tls_certificate", None, path, "the path of a PEM file"),
        tls_key=table.optional("tls_key", None, path, "the path of a PEM file"),
    )
    table.done()
    if (web.tls_certificate is None) != (web.tls_key is None):
        raise table.fail("tls_certificate", "tls_certificate and tls_key go together; write both or neither.")
    if not web.tls and web.host not in _LOOPBACK:
        raise table.fail(
            "host",
            f"{web.host!r} is not loopback, and without TLS the pages are served to this machine only; "
            'write "127.0.0.1", or set tls_certificate and tls_key.',
        )
    return web


def _log(table: _Table) -> Log:
    log = Log(
        keep_months=table.optional("keep_months", 25, _months, "whole months from 3 to 1200"),
        hold=table.flag("hold", False),
    )
    table.done()
    return log


def _door(table: _Table, name: str) -> DoorConfig:
    lock = table.optional(
        "lock", "fail_secure", _choice("fail_secure", "fail_safe"), '"fail_secure" or "fail_safe"'
    )
    door = DoorConfig(
        name=name,
        label_en=table.text("label_en", name),
        label_ja=table.text("label_ja", name),
        lock=lock,
        lock_pin=None
        if "lock_reader" in table.values
        else table.required("lock_pin", _lock_pin, _LOCK_PIN_WORDS),
        lock_reader=table.optional(
            "lock_reader", None, _short_text, "the name of an OSDP reader of this door"
        ),
        release_time=timedelta(
            seconds=table.optional("release_time", 5.0, _number(1, 10), "seconds from 1 to 10")
        ),
        door_contact_pin=table.pin("door_contact_pin"),
        rex_pin=table.pin("rex_pin"),
        rex_releases=table.flag("rex_releases", lock == "fail_safe"),
        held_open_warning=_held_open(table, "held_open_warning", 20.0),
        held_open_alarm=_held_open(table, "held_open_alarm", 30.0),
        held_open_more_time=_held_open(table, "held_open_more_time", 30.0),
        rex_without_opening=table.optional(
            "rex_without_opening", 5, _hourly, "a whole number from 0 to 1000; 0 switches the alarm off"
        ),
        when_journal_fails=table.optional(
            "when_journal_fails", "refuse", _choice("refuse", "remember"), '"refuse" or "remember"'
        ),
    )
    if door.lock_reader is not None:
        _refuse_at_reader(table, door)
    table.done()
    if door.rex_releases and door.rex_pin is None and "rex_releases" in table.values:
        raise table.fail("rex_releases", "needs rex_pin, the input the request-to-exit button is wired to.")
    held_open = [key for key in _HELD_OPEN if key in table.values]
    if held_open and door.door_contact_pin is None:
        raise table.fail(held_open[0], "needs door_contact_pin, the input the door contact is wired to.")
    if "rex_without_opening" in table.values and (door.rex_pin is None or door.door_contact_pin is None):
        raise table.fail(
            "rex_without_opening",
            "needs rex_pin and door_contact_pin, the inputs button and contact are wired to.",
        )
    if door.held_open_warning >= door.held_open_alarm:
        raise table.fail(
            held_open[0],
            f"the warning ({door.held_open_warning.total_seconds():g} s) must come before the alarm "
            f"({door.held_open_alarm.total_seconds():g} s); set held_open_warning and held_open_alarm.",
        )
    return door


def _refuse_at_reader(table: _Table, door: DoorConfig) -> None:
    """The way out, and a lock that must stay released, must not depend on a reader's cable."""
    if "lock_pin" in table.values:
        raise table.fail("lock_reader", "goes instead of lock_pin; write one of the two.")
    if door.lock == "fail_safe":
        raise table.fail(
            "lock_reader",
            "a fail_safe lock would fall open with every fault of the reader's cable; wire it to lock_pin.",
        )
    if door.rex_releases:
        raise table.fail(
            "lock_reader",
            "rex_releases would make the way out depend on the reader's cable; wire the lock to lock_pin, or "
            "fit a handle that opens from inside and remove rex_releases.",
        )


def _refuse_lock_readers(
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
                f"door; write {' or '.join(there) or 'lock_pin instead, it has none'}."
            )


def _held_open(table: _Table, key: str, default: float) -> timedelta:
    return timedelta(seconds=table.optional(key, default, _number(3, 3600), "seconds from 3 to 3600"))


def _access_point(table: _Table, name: str, doors: Mapping[str, DoorConfig]) -> AccessPointConfig:
    point = AccessPointConfig(
        name=name,
        label_en=table.text("label_en", name),
        label_ja=table.text("label_ja", name),
        door=table.required(
            "door", _choice(*doors), f"one of the doors: {', '.join(doors) or 'none is defined'}"
        ),
        direction=Direction(table.required("direction", _choice("in", "out"), '"in" or "out"')),
    )
    table.done()
    return point


def _reader(table: _Table, name: str, points: Mapping[str, AccessPointConfig], demo: bool) -> ReaderConfig:
    reader = ReaderConfig(
        name=name,
        access_point=table.required(
            "access_point",
            _choice(*points),
            f"one of the access points: {', '.join(points) or 'none is defined'}",
        ),
        path=table.required(
            "path",
            _reader_path,
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


def _refuse_shared(
    file: Path, site: Site, doors: Mapping[str, DoorConfig], readers: Mapping[str, ReaderConfig]
) -> None:
    """One pin, one purpose; one device path, one reader."""
    pins: dict[int, str] = {} if site.fire_pin is None else {site.fire_pin: "[site] fire_pin"}
    for door in doors.values():
        for key in ("lock_pin", "door_contact_pin", "rex_pin"):
            pin: int | None = getattr(door, key)
            if pin is None:
                continue
            here = f"[doors.{door.name}] {key}"
            if pin in pins:
                raise ConfigError(
                    f"{file} {here}: pin {pin} is already used by {pins[pin]}; give each its own."
                )
            pins[pin] = here
    paths: dict[str, str] = {}
    for reader in readers.values():
        if reader.path in paths:
            raise ConfigError(
                f"{file} [readers.{reader.name}] path: {reader.path} is already used by "
                f"[readers.{paths[reader.path]}]; give each its own."
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
                f"{file} [readers.{reader.name}] path: {port} is already used by [readers.{used_by[port]}]; "
                "give each its own."
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
                f"{file} [readers.{loose[0].name}] path: {loose[0].path} may be another reader after a "
                f"restart, because USB devices are numbered as they are found; with several write {hint}."
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
        here = f"{file} [readers.{name}] path:"
        other, line = first.setdefault(path.port, (name, path))
        if line.baud != path.baud:
            raise ConfigError(
                f"{here} {path.baud} baud, but [readers.{other}] on the same line has {line.baud}; "
                "give all readers of a line one speed."
            )
        if (path.port, path.address) in used_by:
            raise ConfigError(
                f"{here} address {path.address} on {path.port} is already used by "
                f"[readers.{used_by[path.port, path.address]}]; give each its own."
            )
        used_by[path.port, path.address] = name
    for port in first:
        if sum(on == port for on, _ in used_by) > MOST_ON_A_LINE:
            raise ConfigError(
                f"{file} [readers]: more than {MOST_ON_A_LINE} readers on {port}; use a second line."
            )


def serial_port(path: str) -> str | None:
    """The device file of a real reader on a serial port, as configured; None for any other path."""
    if path.startswith("osdp:"):
        line = OsdpPath.parse(path)
        return None if line.is_virtual else line.port
    if not path.startswith("tty:") or path.startswith("tty:pty:"):
        return None
    name = re.sub(r":(pn532|arygon)$", "", path.removeprefix("tty:"))
    return name if name.startswith("/") else f"/dev/tty{name}"


def osdp_readers(readers: Mapping[str, ReaderConfig]) -> dict[str, OsdpPath]:
    return {r.name: OsdpPath.parse(r.path) for r in readers.values() if r.path.startswith("osdp:")}

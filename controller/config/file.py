"""genkan.toml as typed fields. Everything is checked here, at the start; later nobody reads the file.

An unknown key or a bad value is an error that names file, section, key and the allowed values.
"""

import errno
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.config.doors import (
    AccessPointConfig,
    DoorConfig,
    read_access_point,
    read_door,
    refuse_shared_pins,
)
from controller.config.lines import refuse_shared_devices
from controller.config.log import Log, read_log
from controller.config.people import People, read_people
from controller.config.readers import ReaderConfig, read_reader, refuse_lock_readers
from controller.config.site import SiteConfig, read_site
from controller.config.table import Table, anything, named_tables
from controller.config.web import Web, read_web
from controller.errors import ConfigError
from controller.model.config_codes import ConfigCode


@dataclass(frozen=True)
class Config:
    file: Path
    version: str  # first 12 hex digits of the file's SHA-256; every record names it
    site: SiteConfig
    web: Web
    log: Log
    people: People
    doors: Mapping[str, DoorConfig]
    access_points: Mapping[str, AccessPointConfig]
    readers: Mapping[str, ReaderConfig]

    @property
    def data(self) -> Path:
        """The data folder contains genkan.toml."""
        return self.file.parent


def load(file: Path) -> Config:
    """Read and check `file` completely; raise ConfigError with one sentence."""
    return parse(file, read_bytes(file))


def read_bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read ({error.strerror}); give the path of a genkan.toml, or make one with "
            "`genkan init --data DIR`.",
            ConfigCode.UNREADABLE,
            error=errno.errorcode.get(error.errno or 0, "EIO"),
        ) from error


def parse(file: Path, raw: bytes) -> Config:
    try:
        values = tomllib.loads(raw.decode("utf-8"))
    except RecursionError as error:
        sentence = f"{file} is not valid TOML ({error}); correct that line."
        raise ConfigError(sentence, ConfigCode.TOO_DEEP) from error
    except ValueError as error:  # tomllib.TOMLDecodeError, UnicodeDecodeError
        sentence = f"{file} is not valid TOML ({error}); correct that line."
        raise ConfigError(sentence, ConfigCode.NOT_TOML, line=_line(raw, error)) from error
    return _assemble(file.absolute(), values, version_of(raw))


def _line(raw: bytes, error: ValueError) -> int:
    """The number of the line that is wrong; the last one where the file ends too early."""
    if isinstance(error, UnicodeDecodeError):
        return raw.count(b"\n", 0, error.start) + 1
    found = re.search(r"\(at line (\d+), column \d+\)", str(error))
    return int(found[1]) if found else raw.count(b"\n") + 1


def version_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:12]


def _assemble(file: Path, values: dict[str, Any], version: str) -> Config:
    top = Table(file, "", values)
    site = read_site(Table(file, "site", top.optional("site", {}, anything, "a table")))
    web = read_web(Table(file, "web", top.optional("web", {}, anything, "a table")))
    log = read_log(Table(file, "log", top.optional("log", {}, anything, "a table")))
    people = read_people(Table(file, "people", top.optional("people", {}, anything, "a table")))
    doors = {
        name: read_door(Table(file, f"doors.{name}", table), name)
        for name, table in named_tables(top, "doors").items()
    }
    points = {
        name: read_access_point(Table(file, f"access_points.{name}", table), name, doors)
        for name, table in named_tables(top, "access_points").items()
    }
    readers = {
        name: read_reader(Table(file, f"readers.{name}", table), name, points, site.demo)
        for name, table in named_tables(top, "readers").items()
    }
    top.done()
    refuse_shared_pins(file, site, doors)
    refuse_shared_devices(file, readers)
    refuse_lock_readers(file, doors, points, readers)
    return Config(
        file=file,
        version=version,
        site=site,
        web=web,
        log=log,
        people=people,
        doors=doors,
        access_points=points,
        readers=readers,
    )

"""Every file and folder of a data folder: which service owns it, which group may read it, and its mode.

Only its owner may write a file. The group of readers may read, and nothing else: it opens no device and no
key. `accounts.db`, locks and private keys are their owner's alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path


class Owner(StrEnum):
    ROOT = "root"
    DOOR = "door"
    REGISTRAR = "registrar"
    WEB = "web"


class Readers(StrEnum):
    """Who may read a file besides its owner."""

    SERVICES = "services"
    DOOR_AND_REGISTRAR = "door and registrar"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Place:
    """`pattern` is a path in the data folder; * stands for any name within one folder.

    A file that a pattern with * names may be closed to its readers: it is a lock, a copy or half written.
    """

    pattern: str
    owner: Owner
    readers: Readers
    mode: int
    is_folder: bool = False

    @property
    def is_exact(self) -> bool:
        return "*" not in self.pattern


def _shared(pattern: str, owner: Owner) -> Place:
    """A folder that others may read. What is created in it gets its group (setgid)."""
    return Place(pattern, owner, Readers.SERVICES, 0o750 if owner is Owner.ROOT else 0o2750, is_folder=True)


def _private(pattern: str, owner: Owner) -> Place:
    return Place(pattern, owner, Readers.NOBODY, 0o700, is_folder=True)


def _locks(pattern: str, owner: Owner) -> Place:
    """A folder that only its owner opens. What moves from it to its parent has the group of the parent."""
    return Place(pattern, owner, Readers.NOBODY, 0o2700, is_folder=True)


def _readable(pattern: str, owner: Owner, mode: int = 0o640) -> Place:
    return Place(pattern, owner, Readers.SERVICES, mode)


def _secret(pattern: str, owner: Owner) -> Place:
    return Place(pattern, owner, Readers.NOBODY, 0o600)


# Of several patterns that fit, the first one counts.
PLACES = (
    _shared(".", Owner.ROOT),
    _readable("genkan.toml", Owner.ROOT),
    _shared("keys", Owner.ROOT),
    _shared("keys/shared", Owner.ROOT),
    Place("keys/shared/card_number.key", Owner.ROOT, Readers.DOOR_AND_REGISTRAR, 0o640),
    _readable("keys/shared/log.vkey", Owner.ROOT, 0o644),  # public
    _readable("keys/shared/*", Owner.ROOT),
    _private("keys/door", Owner.DOOR),
    _private("keys/door/osdp", Owner.DOOR),
    _secret("keys/door/*", Owner.DOOR),
    _secret("keys/door/osdp/*", Owner.DOOR),
    _private("keys/web", Owner.WEB),
    _secret("keys/web/*", Owner.WEB),
    _shared("registry", Owner.REGISTRAR),
    _locks("registry/private", Owner.REGISTRAR),
    _secret("registry/private/*", Owner.REGISTRAR),
    _readable("registry/registry.db", Owner.REGISTRAR),
    _readable("registry/registry.db-wal", Owner.REGISTRAR),
    _readable("registry/registry.db-shm", Owner.REGISTRAR),
    _secret("registry/*", Owner.REGISTRAR),
    _shared("run", Owner.REGISTRAR),
    _readable("run/web.sock", Owner.REGISTRAR, 0o660),
    _secret("run/*", Owner.REGISTRAR),
    _shared("journal", Owner.DOOR),
    _locks("journal/private", Owner.DOOR),
    _secret("journal/private/*", Owner.DOOR),
    _shared("journal/last_good", Owner.DOOR),
    _readable("journal/last_good/*", Owner.DOOR),
    _secret("journal/reserve", Owner.DOOR),
    _readable("journal/*", Owner.DOOR),
    _shared("archive", Owner.DOOR),
    _readable("archive/*", Owner.DOOR),
    _shared("simulator", Owner.DOOR),  # demo only; what is in it is nobody's secret
)


def places(data: Path) -> Iterator[tuple[Path, Place]]:
    """Each path of the data folder that has a place. Skips folders that this user may not open."""
    yield data, PLACES[0]
    yield from _within(data, data)


def _within(data: Path, folder: Path) -> Iterator[tuple[Path, Place]]:
    try:
        paths = sorted(folder.iterdir())
    except PermissionError:
        return
    for path in paths:
        place = place_of(str(path.relative_to(data)))
        if place is None:
            continue
        yield path, place
        if place.is_folder and not path.is_symlink() and path.is_dir():
            yield from _within(data, path)


def place_of(name: str) -> Place | None:
    """`name` is the path in the data folder."""
    return next(
        (
            one
            for one in PLACES
            if name.count("/") == one.pattern.count("/") and fnmatchcase(name, one.pattern)
        ),
        None,
    )

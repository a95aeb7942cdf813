"""Owners and modes of a data folder: what deviates, and root's correction of it."""

import errno
import grp
import os
import pwd
import shlex
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from controller.errors import InstallerError
from controller.services.data_folder.layout import Owner, Place, Readers, places
from controller.services.data_folder.owners import GROUPS, Owners

_NOBODY = -1


@dataclass(frozen=True, slots=True)
class Deviation:
    """`uid`, `gid` and `mode` are as they should be; None where the present one is right."""

    path: Path
    found: os.stat_result
    uid: int | None = None
    gid: int | None = None
    mode: int | None = None

    @property
    def present(self) -> str:
        return _text(self.found.st_uid, self.found.st_gid, stat.S_IMODE(self.found.st_mode))

    @property
    def wanted(self) -> str:
        return _text(
            self.found.st_uid if self.uid is None else self.uid,
            self.found.st_gid if self.gid is None else self.gid,
            stat.S_IMODE(self.found.st_mode) if self.mode is None else self.mode,
        )

    @property
    def remedy(self) -> str:
        """The commands for root, with the path as a shell reads it."""
        path, commands = shlex.quote(str(self.path)), []
        if self.uid is not None or self.gid is not None:
            owner = "" if self.uid is None else _user(self.uid)
            group = "" if self.gid is None else f":{_group(self.gid)}"
            commands.append(f"chown {owner}{group} {path}")
        if self.mode is not None:
            commands.append(f"chmod {self.mode:04o} {path}")
        return " && ".join(commands)


def deviations(data: Path, owners: Owners | None) -> Iterator[Deviation]:
    """Without `owners`, one user runs all services: then the files are that user's, and nobody else, also
    no group, writes them or reads a key.
    """
    registry = data / "registry"
    user = (registry if registry.is_dir() else data).stat().st_uid
    for path, place in places(data.resolve()):
        try:
            found = path.lstat()
        except OSError:
            continue  # removed meanwhile
        if stat.S_ISLNK(found.st_mode):
            continue  # Genkan creates none, and each process that opens a file refuses one
        if owners is None:
            one = _of_one_user(path, found, place, user)
        else:
            one = _of_services(path, found, place, owners)
        if one is not None:
            yield one


def _of_one_user(path: Path, found: os.stat_result, place: Place, user: int) -> Deviation | None:
    mode = stat.S_IMODE(found.st_mode)
    allowed = place.mode | 0o7000 | (0o755 if place.readers is Readers.SERVICES else 0o700)
    closed = mode & allowed
    may_be_roots = place.owner is Owner.ROOT and found.st_uid == 0
    return _deviation(
        path,
        found,
        uid=None if may_be_roots else _if_different(user, found.st_uid),
        mode=_if_different(closed, mode),
    )


def _of_services(path: Path, found: os.stat_result, place: Place, owners: Owners) -> Deviation | None:
    mode, wanted = stat.S_IMODE(found.st_mode), place.mode
    if not place.is_exact:
        may_enter = (wanted & 0o444) >> 2 if stat.S_ISDIR(found.st_mode) else 0
        wanted = mode & (wanted | may_enter)
    gid = None
    if wanted & stat.S_ISGID:
        gid = _if_different(owners.gid(Readers.SERVICES), found.st_gid)
    elif wanted & stat.S_IRGRP:
        gid = _if_different(owners.gid(place.readers), found.st_gid)
    return _deviation(
        path,
        found,
        uid=_if_different(owners.uid(place.owner), found.st_uid),
        gid=gid,
        mode=_if_different(wanted, mode),
    )


def _deviation(
    path: Path,
    found: os.stat_result,
    *,
    uid: int | None = None,
    gid: int | None = None,
    mode: int | None = None,
) -> Deviation | None:
    if (uid, gid, mode) == (None, None, None):
        return None
    return Deviation(path, found, uid=uid, gid=gid, mode=mode)


def _if_different(wanted: int, found: int) -> int | None:
    return None if wanted == found else wanted


def correct_all(data: Path, owners: Owners | None, is_demo: bool) -> Iterator[Deviation]:
    """As root; yield each file once it is corrected. Raise InstallerError."""
    if owners is not None and is_demo:
        (data / "simulator").mkdir(exist_ok=True)  # the door may create nothing in the data folder itself
    for one in list(deviations(data, owners)):
        try:
            correct(one)
        except OSError as error:
            raise InstallerError(
                f"{one.path} could not get its owner ({error.strerror}); remove it, or run: {one.remedy}"
            ) from error
        yield one


def correct(one: Deviation) -> None:
    """Give the file its owner and mode, as root. Raise OSError.

    The folder may belong to a process that somebody controls: follow no link on the way, and leave a
    file with a second name, which may be another program's.
    """
    descriptor = os.open(one.path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        itself, now = Path(f"/proc/self/fd/{descriptor}"), os.fstat(descriptor)
        is_same = (now.st_dev, now.st_ino) == (one.found.st_dev, one.found.st_ino)
        if not is_same or itself.readlink() != one.path:
            raise FileNotFoundError(errno.ENOENT, "somebody replaced it meanwhile", str(one.path))
        if not stat.S_ISDIR(now.st_mode) and now.st_nlink > 1:
            raise FileExistsError(errno.EMLINK, "it has a second name", str(one.path))
        if one.uid is not None or one.gid is not None:
            os.chown(itself, _or_keep(one.uid), _or_keep(one.gid))
        # chown(2) clears setgid, so the mode is set in any case.
        itself.chmod(stat.S_IMODE(now.st_mode) if one.mode is None else one.mode)
    finally:
        os.close(descriptor)


def _or_keep(number: int | None) -> int:
    return -1 if number is None else number  # chown(2)


def _text(uid: int, gid: int, mode: int) -> str:
    return f"{_user(uid)}:{_group(gid)} {mode:04o}"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    if gid == _NOBODY:  # the folder does not tell, since it has none yet
        return GROUPS[Readers.DOOR_AND_REGISTRAR]
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)

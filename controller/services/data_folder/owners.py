"""Whose uid and gid each service has: by the users of this machine, or as the folder's own files tell."""

import grp
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from controller.services.data_folder.layout import Owner, Readers

USERS = {Owner.DOOR: "genkan-door", Owner.REGISTRAR: "genkan-registrar", Owner.WEB: "genkan-web"}
GROUPS = {Readers.SERVICES: "genkan", Readers.DOOR_AND_REGISTRAR: "genkan-keys"}
_FOLDERS = {Owner.DOOR: "journal", Owner.REGISTRAR: "registry", Owner.WEB: "keys/web"}
_NOBODY = -1  # matches no file


@dataclass(frozen=True, slots=True)
class Owners:
    """`services` is the group that may read, `keys` that of the card number key: door and registrar."""

    door: int
    registrar: int
    web: int
    services: int
    keys: int

    def uid(self, owner: Owner) -> int:
        return {
            Owner.ROOT: 0,
            Owner.DOOR: self.door,
            Owner.REGISTRAR: self.registrar,
            Owner.WEB: self.web,
        }[owner]

    def gid(self, readers: Readers) -> int:
        return {
            Readers.SERVICES: self.services,
            Readers.DOOR_AND_REGISTRAR: self.keys,
            Readers.NOBODY: _NOBODY,
        }[readers]

    def identity(self, owner: Owner) -> "ProcessOwner | None":
        """That of the service's process: by the users of this machine, or else what its files need.

        None if a missing folder hides its user.
        """
        uid = self.uid(owner)
        if uid == _NOBODY:
            return None
        try:
            user = pwd.getpwuid(uid)
        except KeyError:
            groups = {self.services} if owner is Owner.WEB else {self.services, self.keys}
            return ProcessOwner(uid, self.services, frozenset(groups - {_NOBODY}))
        return ProcessOwner(uid, user.pw_gid, frozenset(os.getgrouplist(user.pw_name, user.pw_gid)))


@dataclass(frozen=True, slots=True)
class ProcessOwner:
    uid: int
    gid: int
    groups: frozenset[int]


def owners_of_machine() -> Owners | None:
    """The services' users and groups; None where one of them does not exist."""
    try:
        door, registrar, web = (pwd.getpwnam(USERS[owner]).pw_uid for owner in USERS)
        services, keys = (grp.getgrnam(GROUPS[readers]).gr_gid for readers in GROUPS)
    except KeyError:
        return None
    return Owners(door=door, registrar=registrar, web=web, services=services, keys=keys)


def owners_of_folder(data: Path) -> Owners | None:
    """What the owners of its folders tell; None where one user owns them all."""
    found = {owner: _ids(data / folder) for owner, folder in _FOLDERS.items()}
    uids = {ids[0] for ids in found.values() if ids is not None}
    if len(uids) < 2:
        return None
    door, registrar, web = (_NOBODY if ids is None else ids[0] for ids in found.values())
    services = next(ids[1] for ids in found.values() if ids is not None)
    key = _ids(data / "keys" / "shared" / "card_number.key")
    keys = _NOBODY if key is None or key[1] == services else key[1]
    return Owners(door=door, registrar=registrar, web=web, services=services, keys=keys)


def owners_of(data: Path, is_demo: bool) -> Owners | None:
    """Who should own the files of this folder; None where one user runs all services, as in a demo."""
    folder, machine = owners_of_folder(data), owners_of_machine()
    if machine is None:
        return folder
    present = {ids[0] for name in _FOLDERS.values() if (ids := _ids(data / name)) is not None}
    ours = {machine.door, machine.registrar, machine.web}
    if folder is None:
        return machine if not is_demo and present <= ours | {0} else None
    return machine if present & ours else folder


def _ids(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_uid, found.st_gid

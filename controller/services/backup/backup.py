"""`genkan backup`: registry, log and configuration in one encrypted file, the keys in another, while the door
and the pages work on.

The copies are unencrypted for a while in their own folder, mode 0700, on the data folder's filesystem. The
backup always removes it; the next backup removes the folder of one that was killed.
"""

import contextlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from controller.config import source_of
from controller.durable import sync_folder
from controller.errors import InstallerError
from controller.issuing import door_key
from controller.journal.copy import CopiedLog, copy_journal
from controller.model.moment import Moment
from controller.registry.accounts.backup_copy import copy_accounts
from controller.registry.accounts.schema import ACCOUNTS_SCHEMA
from controller.registry.lock import private_lock, try_lock
from controller.registry.schema import SCHEMA
from controller.services import erasures
from controller.services.acting import Acting
from controller.services.backup.archive import BackupArchive, Member
from controller.services.backup.ciphers import Cipher
from controller.services.backup.requests import RecordBackup
from controller.services.rights import Right
from controller.services.site import Site

_WORK = "backup-"
_OUTSIDE = "outside.json"  # the unfinished files beside --output: path and inode
KEYS = ".keys"
PAIR = "pair"  # in both manifests: pairs a keys file with its backup
REGISTRY, JOURNAL, CONFIG = "registry/registry.db", "journal/journal.db", "genkan.toml"
ACCOUNTS = "registry/accounts.db"
SHARED_KEYS = ("keys/shared/", "keys/web/")  # never keys/door: it holds the key that signs the log


@dataclass(frozen=True)
class Backup:
    file: Path
    keys: Path
    size: int
    log: CopiedLog
    erasures_waiting: int  # people whose names the copied log still contains although an operator erased them


def make(acting: Acting, file: Path, cipher: Cipher) -> Backup:
    """Write `file` and `file`.keys. Either both exist complete and synced to the disk, or neither does."""
    acting.require(Right.BACK_UP)
    keys = file.with_name(file.name + KEYS)
    for one in (file, keys):
        if os.path.lexists(one):
            raise InstallerError(f"{one} already exists; choose another --output.")
    data = acting.site.config.data
    with _work_folder(data / "registry") as work, _parts(work, file, keys) as (part, keys_part):
        pair = {PAIR: secrets.token_hex(16), "made_utc": _utc(acting.moment)}
        log = copy_journal(data / JOURNAL, work / "journal.db")
        # Copy the registry second: an earlier operator action is then in one of the two copies, or in both.
        acting.site.registry.copy_into(work / "registry.db")
        copy_accounts(data / ACCOUNTS, work / "accounts.db")
        config = work / "genkan.toml"
        config.write_bytes(source_of(acting.site.config))
        members = [
            Member(CONFIG, config),
            Member(REGISTRY, work / "registry.db"),
            Member(ACCOUNTS, work / "accounts.db"),
            Member(JOURNAL, work / "journal.db"),
        ]
        with part.open("r+b") as target:
            cipher.encrypt(BackupArchive(members, pair | _about(acting.site, log)), target)
            target.flush()
            os.fsync(target.fileno())
        with keys_part.open("r+b") as target:
            key_members = list(_key_files(data))
            target.write(cipher.encrypt_small(BackupArchive(key_members, pair).read()))
            target.flush()
            os.fsync(target.fileno())
        size = part.stat().st_size
        keys_part.rename(keys)
        part.rename(file)
        sync_folder(file.parent)
        # Last: a refusal removes both files again.
        acting.send(RecordBackup(file=file.name, size=size, records=log.size, encrypted=cipher.name))
    return Backup(
        file=file,
        keys=keys,
        size=size,
        log=log,
        erasures_waiting=erasures.waiting(acting.site.registry, acting.site.journal),
    )


def _about(site: Site, log: CopiedLog) -> dict[str, Any]:
    return {
        "program": version("genkan"),
        "demo": site.config.site.demo,
        "schemas": {"registry": SCHEMA, "accounts": ACCOUNTS_SCHEMA, "journal": log.schema},
        "log": {"records": log.size, "origin": log.origin, "sealed": log.sealed, "checkpoint": log.note},
    }


def _utc(now: Moment) -> str:
    return now.utc.isoformat(timespec="seconds").replace("+00:00", "Z")


def _key_files(data: Path) -> Iterator[Member]:
    """Leave out the door's public key: its private half stays here, and another box has its own pair."""
    for folder in SHARED_KEYS:
        for file in sorted((data / folder).iterdir()):
            if file.is_file() and file.suffix != ".part" and file != door_key.public_file(data / "keys"):
                yield Member(folder + file.name, file)


@contextlib.contextmanager
def _work_folder(where: Path) -> Iterator[Path]:
    with try_lock(private_lock(where, "backup")) as free:
        if not free:
            raise InstallerError("Another backup of this data folder is running; wait for it.")
        for abandoned in where.glob(f"{_WORK}*.part"):
            _remove_parts(abandoned)
            shutil.rmtree(abandoned)
        work = Path(tempfile.mkdtemp(prefix=_WORK, suffix=".part", dir=where))
        try:
            yield work
        finally:
            shutil.rmtree(work)


@contextlib.contextmanager
def _parts(work: Path, *files: Path) -> Iterator[list[Path]]:
    """Create the output files under temporary names; remove them and their final names on any error.

    A list in `work` names them, so that the next backup can remove those of a killed one, wherever they are.
    """
    parts = [file.with_name(file.name + ".part") for file in files]
    try:
        for part in parts:
            part.unlink(missing_ok=True)  # left by a killed backup
            os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        inodes = {str(part.absolute()): part.stat().st_ino for part in parts}
        (work / _OUTSIDE).write_text(json.dumps(inodes), "utf-8")
        yield parts
    except OSError as error:
        _remove(*parts, *files)
        raise InstallerError(
            f"{error.filename or files[0]} cannot be written ({error.strerror}); there is no backup; choose "
            "another --output or free some space."
        ) from error
    except BaseException:
        _remove(*parts, *files)
        raise


def _remove_parts(abandoned: Path) -> None:
    """Remove a listed file only if its inode proves that the killed backup created it."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        for name, inode in json.loads((abandoned / _OUTSIDE).read_text("utf-8")).items():
            part = Path(name)
            if part.suffix == ".part" and part.is_file() and part.stat().st_ino == inode:
                part.unlink()


def _remove(*files: Path) -> None:
    for file in files:
        with contextlib.suppress(OSError):
            file.unlink()

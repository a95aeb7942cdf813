"""`genkan restore`: build a data folder from a backup and its keys beside its final place, then rename it.

The log continues under a new origin and a new key, and its next record reports the restore. So records after
the backup do not disappear silently: a checkpoint that somebody kept proves that they are missing.
"""

import contextlib
import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from controller.config import Config, load
from controller.durable import sync_folder
from controller.errors import GenkanError, InstallerError
from controller.issuing import door_key
from controller.journal import schema as journal_schema
from controller.journal.append import Journal
from controller.journal.restored import continue_from_backup, registry_of
from controller.journal.seal import Sealing, log_key_file
from controller.model.moment import Moment
from controller.registry.accounts.backup_copy import begin_restored_accounts
from controller.registry.accounts.schema import ACCOUNTS_SCHEMA
from controller.registry.card_hash import load_key
from controller.registry.lockdowns import Lockdown
from controller.registry.restored import begin_restored, remove_acknowledgements_after
from controller.registry.schema import FIRST_WITHOUT_ACCOUNTS, SCHEMA
from controller.services.backup.archive import unpack
from controller.services.backup.backup import ACCOUNTS, CONFIG, JOURNAL, PAIR, REGISTRY, SHARED_KEYS
from controller.services.backup.ciphers import Decipher
from controller.services.site import Site

if TYPE_CHECKING:
    from deploy.verify.genkan_verify import Conclusion

_KEY_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,80}")
_MODES = {CONFIG: 0o640, REGISTRY: 0o640, ACCOUNTS: 0o600, JOURNAL: 0o640}
_SUPPORTED = {"registry": SCHEMA, "accounts": ACCOUNTS_SCHEMA, "journal": journal_schema.VERSION}


@dataclass(frozen=True)
class Restored:
    """`log_key` is the public key of the continued log; `conclusion` is the auditor program's about it."""

    config: Config
    created_utc: str
    records: int
    log_key: str
    conclusion: "Conclusion"
    lockdowns: tuple[Lockdown, ...]  # in force again, oldest first
    cancelled_erasures: int  # they were pending in the backup


def restore(data: Path, file: Path, keys: Path, decipher: Decipher, now: Moment) -> Restored:
    """All or nothing: after any error `data` is unchanged and no work folder remains beside it."""
    _refuse_occupied(data)
    with _work_folder(data) as work:
        new = work / "data"
        Site.make_folders(new)
        manifest = _files(file, decipher, work, new)
        _keys(file, keys, decipher, work, new=new, manifest=manifest)
        _refuse_newer(file, manifest)
        door_key.make(
            new / "keys"
        )  # a new pair: a backup does not contain the one that badge keys are wrapped to
        for name, mode in _MODES.items():
            if (new / name).exists():
                (new / name).chmod(mode)
        try:
            config = load(new / CONFIG)
            conclusion = _verified(new)
            replaced = registry_of(new / JOURNAL)
            begun = begin_restored(new / REGISTRY, load_key(new / "keys"), replaced, now.utc)
            begin_restored_accounts(new / ACCOUNTS)
            continue_from_backup(new / JOURNAL, begun.before, begun.now, begun.newest_action)
            with Journal.open(new / JOURNAL, config.version) as journal:
                records = journal.newest_seq
                remove_acknowledgements_after(new / REGISTRY, records)
                log_key = Sealing(journal, new / "keys", config.site.time_zone).restart_log(now)
        except GenkanError as error:  # its text names files in the temporary folder
            raise InstallerError(f"{file} cannot be restored: {str(error).replace(f'{new}/', '')}") from error
        _sync(new)
        new.rename(data)  # over an empty folder, too
        sync_folder(data.parent)
    created_utc = str(manifest.get("made_utc"))
    return Restored(
        config=load(data / CONFIG),
        created_utc=created_utc,
        records=records,
        log_key=log_key,
        conclusion=conclusion,
        lockdowns=begun.lockdowns,
        cancelled_erasures=begun.cancelled_erasures,
    )


def _refuse_occupied(data: Path) -> None:
    try:
        if any(data.iterdir()):
            raise InstallerError(f"{data} is not empty; choose a --data folder that does not exist yet.")
    except FileNotFoundError:
        if not data.parent.is_dir():
            raise InstallerError(f"{data.parent} does not exist; create it first.") from None
    except NotADirectoryError:
        raise InstallerError(
            f"{data} is not a folder; choose a --data folder that does not exist yet."
        ) from None


@contextlib.contextmanager
def _work_folder(data: Path) -> Iterator[Path]:
    """A private folder on the same filesystem. Turns disk errors into one InstallerError."""
    parent = data.absolute().parent
    prefix, suffix = f".{data.name}-", ".restoring"
    try:
        descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for abandoned in parent.glob(f"{prefix}*{suffix}"):
                shutil.rmtree(abandoned)  # left by a killed restore
            work = Path(tempfile.mkdtemp(prefix=prefix, suffix=suffix, dir=parent))
            try:
                yield work
            finally:
                shutil.rmtree(work)
        finally:
            os.close(descriptor)
    except BlockingIOError:
        raise InstallerError(f"Another restore into {parent} is running; wait for it.") from None
    except OSError as error:
        raise InstallerError(
            f"{error.filename or data} cannot be used ({error.strerror}); nothing is restored; free "
            "some space or choose another folder."
        ) from error


def _files(file: Path, decipher: Decipher, work: Path, new: Path) -> dict[str, Any]:
    archive = work / "archive.tar"
    with archive.open("w+b") as target:
        decipher.decrypt(file, target)
    manifest = unpack(archive, file, new, lambda name: name in _MODES or _is_key(name))
    archive.unlink()
    missing = [name for name in _MODES if not (new / name).is_file()]
    schema = manifest.get("schemas", {}).get("registry")
    if missing == [ACCOUNTS] and isinstance(schema, int):
        if schema < FIRST_WITHOUT_ACCOUNTS:  # they are in its registry
            return manifest
        raise InstallerError(f"{file} lacks {ACCOUNTS}; use another copy of the backup.")
    if missing:
        raise InstallerError(f"--from and --keys are swapped: {file} contains the keys; pass it as --keys.")
    return manifest


def _keys(
    file: Path, keys: Path, decipher: Decipher, work: Path, new: Path, manifest: Mapping[str, Any]
) -> None:
    archive = work / "keys.tar"
    archive.write_bytes(decipher.decrypt_small(keys))
    found = unpack(archive, keys, new, _is_key)
    if found.get(PAIR) != manifest.get(PAIR):
        raise InstallerError(f"{keys} does not belong to {file}; use the .keys file of the same backup.")
    for one in found["files"]:
        (new / one["name"]).chmod(0o640)


def _is_key(name: str) -> bool:
    return any(
        name.startswith(folder) and _KEY_NAME.fullmatch(name.removeprefix(folder)) for folder in SHARED_KEYS
    )


def _refuse_newer(file: Path, manifest: Mapping[str, Any]) -> None:
    schemas = manifest.get("schemas", {})
    for name, supported in _SUPPORTED.items():
        found = schemas.get(name)
        if found is None and name == "accounts":  # of a version that had them in the registry
            continue
        if not isinstance(found, int) or found > supported:
            raise InstallerError(
                f"{file} is from a newer Genkan ({name} schema {found}; this version supports {supported}); "
                "restore it with that version or a later one."
            )


def _verified(new: Path) -> "Conclusion":
    """Check the backed-up log with the auditor's program. Refuse an incomplete log."""
    from deploy.verify import genkan_verify

    found = genkan_verify.answer(data=new, key=str(log_key_file(new / "keys")))
    if found.code in (genkan_verify.TAMPERED, genkan_verify.INCOMPLETE):
        raise InstallerError(f"its log is not complete ({found.sentence.rstrip('.')}); use another backup.")
    return replace(found, sentence=found.sentence.replace(f"{new}/", ""))


def _sync(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

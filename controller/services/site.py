"""The one object that each process passes to every service: one data folder, open for writing or to read."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from controller.config import Config
from controller.decision.site import SitePolicy
from controller.errors import AlreadyRunning, CorruptDatabase, GenkanError, InstallerError
from controller.issuing import door_key
from controller.journal.append import Journal
from controller.journal.query import JournalReader
from controller.journal.seal import Sealing, log_key_file, publish_first_key
from controller.journal.state import has_run
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.registry import imports
from controller.registry.accounts.database import Accounts, accounts_file
from controller.registry.card_hash import load_key, make_key
from controller.registry.database import Registry
from controller.registry.read_only import ReadOnlyRegistry
from controller.services import erasures
from controller.services.acting import Acting
from controller.services.explain.earlier_labels import EarlierLabels
from controller.services.operators import both_files
from controller.services.operators.passwords import FULL, PasswordCost
from controller.services.presence.presence_history import PresenceHistory
from controller.services.presence.presence_log import PresenceLog
from controller.services.requests.link import Direct, RequestLink

_FOLDERS = {"registry": 0o750, "journal": 0o750, "archive": 0o750, "keys": 0o750, "run": 0o750}
_KEY_FOLDERS = {"door": 0o700, "web": 0o700, "shared": 0o750}
_PRIVATE_FOLDERS = ("registry/private", "journal/private")  # locks, which nobody may hold who only reads


class Site:
    """Configuration, registry and log of one data folder, and its clock.

    Safe to share between threads.
    """

    def __init__(
        self,
        config: Config,
        registry: Registry,
        journal: JournalReader,
        key: bytes | None,
        now: Callable[[], Moment],
        password_cost: PasswordCost = FULL,
        accounts: Accounts | None = None,
    ) -> None:
        self.config = config
        self.registry = registry
        self.journal = journal
        self._key, self._may_read_key = key, False
        self._accounts = accounts
        site = config.site
        self.policy = SitePolicy(site.time_zone, site.when_clock_untrusted, site.day_ends)
        self.presence_history = PresenceHistory(journal)
        self.earlier_labels = EarlierLabels()
        self.presence = PresenceLog(journal, registry, config.site.time_zone, config.site.day_ends)
        self.password_cost = password_cost
        self.now = now  # reads the clock; services get the moment as an argument
        self.link: RequestLink = Direct()  # how requests reach their handlers

    @property
    def key(self) -> bytes:
        """Of the card hash: for the registrar and the command line, never for the pages."""
        if self._key is None:
            if not self._may_read_key:
                raise RuntimeError("the pages do not read the key of card numbers; send a request")
            self._key = load_key(self.config.data / "keys")
        return self._key

    @property
    def accounts(self) -> Accounts:
        """For the process that writes the registry."""
        if self._accounts is None:
            raise RuntimeError("only the registrar reads accounts.db; send it a request")
        return self._accounts

    @classmethod
    def open_to_read(
        cls, config: Config, now: Callable[[], Moment], link: RequestLink, may_read_key: bool = False
    ) -> "Site":
        """For a process that never writes the registry. Its requests go by `link` to the one that does.

        The databases and the key may still be missing; each read opens what is there.
        """
        site = cls(
            config=config,
            registry=ReadOnlyRegistry(config.data / "registry" / "registry.db"),
            journal=JournalReader(config.data / "journal" / "journal.db"),
            key=None,
            now=now,
        )
        site.link, site._may_read_key = link, may_read_key
        return site

    @classmethod
    def open(cls, config: Config, now: Callable[[], Moment], password_cost: PasswordCost = FULL) -> "Site":
        """Open the databases of `config.data` to write the registry: migrate it, and remove a killed import.

        `now` comes from the assembly (`Clock().now`), since only the runtime reads the clock.
        """
        data = config.data
        key = load_key(data / "keys")
        file = data / "registry" / "registry.db"
        if not file.is_file():
            raise InstallerError(
                f"{data} has no registry/registry.db; restore a backup, or create a new one with `genkan "
                f"init --data {data}`."
            )
        if file.stat().st_size == 0:
            raise CorruptDatabase(
                f"{file} is empty; restore a backup, or start again with `genkan init --data {data}`."
            )
        registry = Registry.open(file, key)
        with imports.one_import(registry) as free:
            if free:
                imports.remove(registry, imports.unpublished(registry, now().utc))
        journal = JournalReader(data / "journal" / "journal.db")
        erasures.finish(registry, journal)
        site = cls(
            config=config,
            registry=registry,
            journal=journal,
            key=key,
            now=now,
            password_cost=password_cost,
            accounts=Accounts(accounts_file(file)),
        )
        both_files.settle_at_start(site)
        return site

    @staticmethod
    def init(config: Config, now: Moment | None = None) -> str | None:
        """Create the missing folders, keys and databases of the data folder; keep existing ones.

        Return the public key that the new log starts with, only this once. Without `now`, the door starts the
        log when it starts itself.
        """
        data = config.data
        registry = data / "registry" / "registry.db"
        try:
            Site.make_folders(data)
            if not registry.exists():  # an existing registry needs its old key: every card hash depends on it
                make_key(data / "keys")
            door_key.make(data / "keys")
        except OSError as error:
            raise InstallerError(
                f"{error.filename or data} cannot be written ({error.strerror}); choose another data folder "
                "or change who owns it."
            ) from error
        load_key(data / "keys")
        Registry.open(registry).close()
        Accounts(accounts_file(registry)).create()
        journal = data / "journal" / "journal.db"
        if now is not None and not log_key_file(data / "keys").exists():
            return _begin_log(config, now)
        if not journal.exists():
            Journal.open(journal, config.version).close()
        return None

    @staticmethod
    def make_folders(data: Path) -> None:
        """Create the missing folders. Raise OSError."""
        for name, mode in _FOLDERS.items():
            _make_folder(data / name, mode)
        for name, mode in _KEY_FOLDERS.items():
            _make_folder(data / "keys" / name, mode)
        for name in _PRIVATE_FOLDERS:
            _make_folder(data / name, 0o700)

    def acting(self, operator: Operator) -> Acting:
        """What `operator` does here now."""
        return Acting(self, operator, self.now())

    def close(self) -> None:
        self.journal.close()
        self.registry.close()
        if self._accounts is not None:
            self._accounts.close()

    def __enter__(self) -> "Site":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _begin_log(config: Config, now: Moment) -> str | None:
    """Start the log and return its public key.

    If the log already belongs to the door (it runs, or another user owns the files), the door starts it, and
    this only publishes the public key.
    """
    file, keys = config.data / "journal" / "journal.db", config.data / "keys"
    with contextlib.suppress(AlreadyRunning):
        if not file.exists() or file.stat().st_uid == os.geteuid():
            is_gone = has_run(file.parent) and not file.exists()
            with Journal.open(file, config.version) as journal:
                key = Sealing(journal, keys, config.site.time_zone).start_log(now)
                if is_gone:
                    journal.append([Event(EventType.LOG_MISSING, now)])
                return key
    with contextlib.suppress(GenkanError), JournalReader(file) as reader:
        return publish_first_key(reader.log_keys(), keys)
    return None


def _make_folder(folder: Path, mode: int) -> None:
    """Create it with this mode regardless of the umask; an existing folder keeps its mode."""
    if folder.is_dir():
        return
    folder.mkdir(parents=True)
    folder.chmod(mode)

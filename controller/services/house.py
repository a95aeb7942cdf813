"""The house: the one object the web and the command line get."""

from collections.abc import Callable
from pathlib import Path

from controller.config import Config
from controller.journal.query import JournalReader
from controller.model.moment import Moment
from controller.registry.database import Registry


class House:
    """Configuration, registry and log of one data folder, and the clock it was given.

    Safe to share between threads.
    """

    def __init__(
        self,
        config: Config,
        registry: Registry,
        journal: JournalReader,
        key: bytes,
        now: Callable[[], Moment],
    ) -> None:
        self.config = config
        self.registry = registry
        self.journal = journal
        self.key = key  # of the card hash
        self.now = now  # reads the clock; services themselves are told the moment

    @classmethod
    def open(cls, config: Config, now: Callable[[], Moment]) -> "House":
        """Open the databases of `config.data`, bring the registry up to date, clear a killed import away.

        `now` comes from the assembly (`Clock().now`), since only the runtime reads the clock.
        """
        raise NotImplementedError

    @staticmethod
    def init(data: Path, now: Moment) -> None:
        """Make the folders, keys and databases that are missing below `data`; keep those that are there."""
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

"""The chore that removes old months, built on first use in idle time to keep its imports out of the start."""

import contextlib
from collections.abc import Callable

from controller.config import Config
from controller.journal.append import Journal
from controller.model.moment import Moment
from controller.runtime.chores import Chore


class RetiringLater:
    def __init__(
        self,
        config: Config,
        opened: contextlib.ExitStack,
        now: Callable[[], Moment],
        request_checkpoint: Callable[[], None],
    ) -> None:
        self._config = config
        self._opened = opened
        self._now = now
        self._request_checkpoint = request_checkpoint
        self._retire: Chore | None = None

    def __call__(self, journal: Journal) -> bool:
        if self._retire is None:
            from controller.journal.query import JournalReader
            from controller.runtime.retiring import Retiring

            data, log = self._config.data, self._config.log
            reader = JournalReader(data / "journal" / "journal.db")
            self._opened.callback(reader.close)
            self._retire = Retiring(
                reader=reader,
                archive=data / "archive",
                keep_months=log.keep_months,
                hold=log.hold,
                zone=self._config.site.time_zone,
                now=self._now,
                request_checkpoint=self._request_checkpoint,
            )
        return self._retire(journal)

"""A log of many months in a data folder, signed as the door signs it; small enough to be walked in a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from controller.journal.append import SEAL_EVERY, Journal
from controller.journal.retire import month_start, months_later
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from tests.controller.journal.samples import grant, raw

TOKYO = ZoneInfo("Asia/Tokyo")
BOOT = "b" * 32
BEGAN = datetime(2021, 11, 30, 15, tzinfo=UTC)  # 2021-12-01 in Tokyo


def moment(utc: datetime, clock: ClockState = ClockState.TRUSTED, boot: str = BOOT) -> Moment:
    return Moment(utc, round((utc - BEGAN).total_seconds() * 1000), boot, clock)


class Years:
    def __init__(self, data: Path, journal: Journal) -> None:
        self.data = data
        self.journal = journal
        self.sealing = Sealing(journal, data / "keys", TOKYO)

    def start(self) -> str:
        return self.sealing.start_log(moment(BEGAN))

    def append(self, *events: Event) -> list[int]:
        seqs = []
        for event in events:
            if self.journal.unsealed >= SEAL_EVERY:
                self.sealing.seal(event.at, CheckpointCause.EVENTS)
            seqs += self.journal.append([event])
        return seqs

    def month(self, start: datetime, records: int, **fields: Any) -> None:
        """Spread over 27 days; in between the keys are replaced as they fall due."""
        while self.sealing.step(moment(start)):
            pass
        step = timedelta(days=27) / records
        for i in range(records):
            self.append(grant(moment=moment(start + step * i), **fields))

    def months(self, count: int, records: int) -> None:
        first = (BEGAN + timedelta(days=1)).date().replace(day=1)
        for i in range(count):
            self.month(month_start(TOKYO, months_later(first, i)), records)

    def seal(self, utc: datetime) -> None:
        self.sealing.seal(moment(utc), CheckpointCause.STOP)


@contextmanager
def years(data: Path) -> Iterator[Years]:
    """A data folder with keys and journal; open an existing one again."""
    for folder in ("journal", "keys/door", "keys/shared"):
        (data / folder).mkdir(parents=True, exist_ok=True)
    (data / "keys" / "door").chmod(0o700)
    with Journal.open(data / "journal" / "journal.db", "config-1") as journal:
        yield Years(data, journal)


def rows(data: Path) -> list[tuple[int, str, str]]:
    """Number, type and time of what is left."""
    with raw(data / "journal") as connection:
        return connection.execute("SELECT seq, type, utc FROM events ORDER BY seq").fetchall()


def heartbeat(utc: datetime, clock: ClockState = ClockState.TRUSTED, boot: str = BOOT) -> Event:
    return Event(EventType.HEARTBEAT, moment(utc, clock, boot))

"""The evidence for the log, for people to check and keep: checkpoints, signing keys, a month in figures."""

import base64
import json
from dataclasses import dataclass
from datetime import date, datetime

from controller.journal.export.selection import Selection
from controller.journal.proof.note import parse_checkpoint
from controller.journal.query import LogFilter, LogKey
from controller.model.events import EventType
from controller.services.acting import Acting
from controller.services.rights import Right


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint: `root` (base64) is the Merkle root of the first `size` records."""

    note: str
    origin: str
    size: int
    root: str
    utc: datetime | None
    clock: str
    cause: str
    key_number: int | None


@dataclass(frozen=True, slots=True)
class KeyStep:
    """`cause`: started, restored, boot, day, lost. `in_force` is true of one key at most."""

    number: int
    seq: int
    utc: datetime
    cause: str
    origin: str
    key: str
    in_force: bool
    was_in_force: bool


@dataclass(frozen=True, slots=True)
class LogProof:
    newest_seq: int
    newest: SignedCheckpoint | None
    first_key: KeyStep | None  # of the present log; the site keeps it on paper in the safe
    keys: tuple[KeyStep, ...]  # newest first

    @property
    def unsealed(self) -> int:
        """The number of newest records that no checkpoint covers yet."""
        return max(self.newest_seq - (self.newest.size if self.newest else 0), 0)


@dataclass(frozen=True, slots=True)
class MonthProof:
    """The records of one month of the site, and the oldest checkpoint that covers them all.

    Until the month has ended and a checkpoint covers it (`complete`), `sealed` is the newest checkpoint.
    """

    first_day: date
    records: int
    first_seq: int | None
    last_seq: int | None
    sealed: SignedCheckpoint | None
    complete: bool

    @property
    def others(self) -> int:
        """The count of numbers between first and last whose record has a date outside the month, or was
        removed.
        """
        if self.first_seq is None or self.last_seq is None:
            return 0
        return max(self.last_seq - self.first_seq + 1 - self.records, 0)


@dataclass(frozen=True, slots=True)
class Removed:
    """Retention removed the records up to number `upto`, from before `before`; record `seq` reports it."""

    before: date
    upto: int
    seq: int


def proof(acting: Acting) -> LogProof:
    acting.require(Right.VIEW_LOG)
    note = acting.site.journal.newest_checkpoint()
    keys = acting.site.journal.log_keys()
    steps = _steps(keys)
    first = next((step for step in reversed(steps) if step.cause in ("started", "restored")), None)
    return LogProof(
        acting.site.journal.newest_seq(),
        None if note is None else read_checkpoint(note),
        first,
        tuple(reversed(steps)),
    )


def removed(acting: Acting) -> Removed | None:
    acting.require(Right.VIEW_LOG)
    found = acting.site.journal.removal()
    if found is None:
        return None
    year, month = map(int, found.month.split("-"))
    return Removed(date(year + month // 12, month % 12 + 1, 1), found.last, found.seq)


def first_moment(acting: Acting) -> datetime | None:
    """The time of the oldest remaining record."""
    acting.require(Right.VIEW_LOG)
    oldest = acting.site.journal.after(LogFilter(), 0, 1)
    return oldest[0].utc if oldest else None


def month(acting: Acting, first_day: date, start: datetime, end: datetime) -> MonthProof:
    """`start` and `end` (exclusive) are the limits of the month in the site's time zone, as UTC."""
    acting.require(Right.VIEW_LOG)
    journal, within = acting.site.journal, LogFilter(day_start=start, day_end=end)
    newest = journal.newest_seq()
    last = journal.page(within, None, 1)
    first = journal.after(within, 0, 1)
    covering = journal.checkpoint_covering(last[0].seq) if last else None
    note = covering or journal.newest_checkpoint()
    return MonthProof(
        first_day=first_day,
        records=Selection(journal, within, newest).count(),
        first_seq=first[0].seq if first else None,
        last_seq=last[0].seq if last else None,
        sealed=None if note is None else read_checkpoint(note),
        complete=acting.moment.utc >= end and note is not None and (covering is not None or not last),
    )


def read_checkpoint(note: str) -> SignedCheckpoint:
    checkpoint = parse_checkpoint(note)
    lines = dict(line.partition(" ")[::2] for line in checkpoint.extensions)
    time, _, clock = lines.get("genkan-time", "").partition(" ")
    number = lines.get("genkan-key", "")
    return SignedCheckpoint(
        note=note,
        origin=checkpoint.origin,
        size=checkpoint.size,
        root=base64.b64encode(checkpoint.root).decode("ascii"),
        utc=_moment(time),
        clock=clock,
        cause=lines.get("genkan-cause", ""),
        key_number=int(number) if number.isascii() and number.isdigit() else None,
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _steps(keys: list[LogKey]) -> list[KeyStep]:
    used = [key.starts_log or key.note is not None for key in keys]
    newest = max((place for place, was in enumerate(used) if was), default=None)
    return [
        KeyStep(
            number=key.number,
            seq=key.seq,
            utc=datetime.fromisoformat(json.loads(key.body)["utc"]),
            cause=_cause(key),
            origin=key.origin,
            key=key.key,
            in_force=place == newest,
            was_in_force=used[place],
        )
        for place, key in enumerate(keys)
    ]


def _cause(key: LogKey) -> str:
    if key.type == EventType.LOG_STARTED:
        return "started"
    return "restored" if key.type == EventType.LOG_RESTORED else key.cause or ""

"""Alarms: events that somebody must act on. Each stays open until an operator acknowledges it with a note.

Alarms of one kind at one place form a group: an operator acknowledges a reader that was on and off all night
once, and each of its records gets the acknowledgement.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from controller.errors import N_, AwaitingRecovery, Conflict, NotFound
from controller.journal.query import LogEntry, LogFilter
from controller.model.events import EventType, Json
from controller.model.orders import ActionType
from controller.registry import alarms as rows
from controller.registry.alarms import Acknowledgement
from controller.registry.database import Connection
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.log import entry_log
from controller.services.rights import Right
from controller.services.site import Site

__all__ = [
    "AcknowledgedAlarm",
    "Acknowledgement",
    "Alarm",
    "acknowledge",
    "acknowledge_kind",
    "acknowledged",
    "count",
    "half_issued",
    "open_alarms",
]

_OF_A_PERSON = (
    EventType.DURESS,
    EventType.BADGE_NOT_PROVED,
    EventType.BADGE_HALF_ISSUED,
    EventType.CARD_KEYS_UNUSABLE,
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A group of records: `newest` is the latest, `seqs` are the numbers of all of them, newest first.

    `passage` is the grant after which the door was left open, if there is one.
    """

    newest: LogEntry
    first_utc: datetime
    seqs: tuple[int, ...]
    passage: LogEntry | None = field(default=None)

    @property
    def seq(self) -> int:
        return self.newest.seq


@dataclass(frozen=True, slots=True)
class AcknowledgedAlarm:
    """`entry` is None once retention has removed the record."""

    acknowledgement: Acknowledgement
    entry: LogEntry | None


def open_alarms(acting: Acting) -> tuple[Alarm, ...]:
    """Newest first. Records a view of the log for each person that they name."""
    acting.require(Right.VIEW_LOG)
    with acting.site.journal.one_moment():
        with acting.site.registry.read() as db:
            groups = _grouped(acting.site.journal.entries(_open(acting.site, db)))
        passages = {entry.seq: entry for entry in acting.site.journal.entries(_passages(groups))}
    named = [*passages.values(), *(group[0] for group in groups)]
    for person in {entry.person for entry in named if entry.person}:
        entry_log.watch(acting, LogFilter(person=person))
    return tuple(
        Alarm(group[0], group[-1].utc, tuple(entry.seq for entry in group), passages.get(_of(group[0])))
        for group in groups
    )


def count(acting: Acting) -> int:
    """The number of alarms that `open_alarms` returns."""
    acting.require(Right.VIEW_LOG)
    with acting.site.registry.read() as db:
        return len(_grouped(acting.site.journal.entries(_open(acting.site, db))))


def half_issued(acting: Acting) -> Mapping[str, datetime]:
    """By reader: the last tap of a card whose issuing was not finished, while that alarm is open.

    Names nobody. Empty while the log cannot be read until the door service starts again. A page calls this
    every two seconds, so it reads no other alarms, however many are open.
    """
    acting.require(Right.VIEW_DOORS)
    try:
        with acting.site.registry.read() as db:
            entries = acting.site.journal.entries(_open(acting.site, db), EventType.BADGE_HALF_ISSUED)
    except AwaitingRecovery:
        return {}
    newest: dict[str, datetime] = {}
    for entry in entries:
        if entry.reader:
            newest.setdefault(entry.reader, entry.utc)
    return newest


def acknowledged(acting: Acting, limit: int = 20) -> tuple[AcknowledgedAlarm, ...]:
    """The newest acknowledged alarms, newest first."""
    acting.require(Right.VIEW_LOG)
    with acting.site.registry.read() as db:
        found = rows.newest(db, limit)
    entries = {entry.seq: entry for entry in acting.site.journal.entries([one.alarm_seq for one in found])}
    return tuple(AcknowledgedAlarm(one, entries.get(one.alarm_seq)) for one in found)


def acknowledge(acting: Acting, alarm_seq: int, note: str) -> int:
    """Acknowledge this alarm and the older open ones of its kind and place; return how many. Later ones stay
    open.
    """
    acting.require(Right.ACKNOWLEDGE_ALARMS)
    why = typed_texts.note_text(note)
    if not acting.site.journal.is_alarm(alarm_seq):
        raise NotFound(N_("Record No. {number} is not an alarm; see the list of alarms."), number=alarm_seq)
    with acting.site.registry.write() as db:
        done = rows.acknowledgement(db, alarm_seq)
        if done is not None:
            raise Conflict(
                N_("{operator} has acknowledged this alarm already: {note}"),
                operator=done.operator_name,
                note=done.note,
            )
        open_seqs = [seq for seq in _open(acting.site, db) if seq <= alarm_seq]
        groups = _grouped(acting.site.journal.entries(sorted({*open_seqs, alarm_seq}, reverse=True)))
        group = next(group for group in groups if group[0].seq == alarm_seq)
        _acknowledge(acting, db, group, why)
    return len(group)


def acknowledge_kind(acting: Acting, db: Connection, kind: EventType, note: str) -> None:
    """Acknowledge all open alarms of this kind, in the transaction of what ends their cause."""
    open_seqs = _open(acting.site, db)
    for group in _grouped(acting.site.journal.entries(open_seqs, kind)):
        _acknowledge(acting, db, group, note)


def _acknowledge(acting: Acting, db: Connection, group: Sequence[LogEntry], note: str) -> None:
    rows.acknowledge(
        db,
        alarm_seqs=[entry.seq for entry in group],
        utc=acting.moment.utc,
        operator=acting.operator,
        note=note,
    )
    acting.record(
        db,
        ActionType.ALARM_ACKNOWLEDGED,
        "alarm",
        str(group[0].seq),
        after=_described(group),
        reason=note,
    )


def _open(site: Site, db: Connection) -> list[int]:
    """Newest first. Compares the numbers of all alarms ever recorded: a microsecond each."""
    seqs = site.journal.alarms()
    done = rows.acknowledged_since(db, seqs[-1]) if seqs else set()
    return [seq for seq in seqs if seq not in done]


def _grouped(entries: Iterable[LogEntry]) -> list[list[LogEntry]]:
    groups: dict[tuple[str | None, ...], list[LogEntry]] = {}
    for entry in entries:
        whose = entry.person if entry.type in _OF_A_PERSON else None  # two people are two alarms
        about = str(entry.codes.get("subject", ""))  # and so are two subjects of rights
        groups.setdefault((entry.type, entry.door, entry.reader, whose, about), []).append(entry)
    return list(groups.values())


def _passages(groups: Sequence[Sequence[LogEntry]]) -> list[int]:
    return [of for group in groups if (of := _of(group[0]))]


def _of(entry: LogEntry) -> int:
    of = entry.codes.get("of")
    return of if isinstance(of, int) else 0


def _described(group: Sequence[LogEntry]) -> dict[str, Json]:
    newest = group[0]
    place = "reader" if newest.reader else "door"
    numbers: list[Json] = [entry.seq for entry in group]
    return {"alarm": newest.type, place: newest.reader or newest.door, "numbers": numbers}

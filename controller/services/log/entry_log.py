"""The entry log: pages, the live tail and the export. Records who viewed what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.journal.export.table import COLUMNS as EXPORT_COLUMNS
from controller.journal.export.table import count as export_count
from controller.journal.export.table import csv_rows
from controller.journal.query import LogEntry, LogFilter, Silence
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.registry import actions
from controller.services.acting import Acting
from controller.services.rights import Right

__all__ = [
    "EXPORT_COLUMNS",
    "LogEntry",
    "LogExport",
    "LogFilter",
    "Silence",
    "after",
    "count",
    "described",
    "entry",
    "export",
    "newest_seq",
    "page",
    "print_out",
    "record_view",
    "silences",
    "true_times",
    "watch",
]

ONE_VIEW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class LogExport:
    count: int
    newest: int  # the number of the last record included
    lines: Iterator[bytes]  # UTF-8 CSV with BOM, in pieces of many rows; never all in memory


@dataclass(frozen=True, slots=True)
class PrintOut:
    entries: list[LogEntry]  # newest first
    omitted: int  # number of older rows that the same filter admits


def page(
    acting: Acting,
    filter: LogFilter,
    before: int | None = None,
    limit: int = 100,
) -> list[LogEntry]:
    """Newest first, those before number `before`.

    Records the view once in 10 minutes for one operator and filter: further pages belong to the same view.
    A filter that admits no record shows no rows, so there is no view to record.
    """
    acting.require(Right.VIEW_LOG)
    if filter.admits_no_record:
        return []
    entries = acting.site.journal.page(filter, before, limit)
    _record_view(acting, filter)
    return entries


def watch(acting: Acting, filter: LogFilter) -> None:
    """Record the view of the live tail, before its first `after`: by the same rule as `page`."""
    acting.require(Right.VIEW_LOG)
    if not filter.admits_no_record:
        _record_view(acting, filter)


def after(acting: Acting, filter: LogFilter, seq: int, limit: int = 200) -> list[LogEntry]:
    """The records after number `seq`, oldest first; for the live page, after it called `watch`."""
    acting.require(Right.VIEW_LOG)
    return acting.site.journal.after(filter, seq, limit)


def entry(acting: Acting, seq: int) -> LogEntry | None:
    acting.require(Right.VIEW_LOG)
    return acting.site.journal.entry(seq)


def silences(acting: Acting, entries: Sequence[LogEntry]) -> list[Silence]:
    """The silences that end at one of the entries."""
    acting.require(Right.VIEW_LOG)
    return acting.site.journal.silences(entries)


def true_times(acting: Acting, entries: Sequence[LogEntry]) -> dict[int, datetime]:
    """By number: the true time of entries recorded without a trusted clock, as far as it is known now."""
    acting.require(Right.VIEW_LOG)
    return acting.site.journal.true_times(entries)


def newest_seq(acting: Acting) -> int:
    acting.require(Right.VIEW_LOG)
    return acting.site.journal.newest_seq()


def count(acting: Acting, filter: LogFilter) -> int:
    """The number of rows that an export would have now."""
    acting.require(Right.EXPORT_LOG)
    return export_count(acting.site.journal, filter, acting.site.journal.newest_seq())


def export(
    acting: Acting,
    filter: LogFilter,
    headers: Sequence[str],
    words: Mapping[str, str],
) -> LogExport:
    """Every row of the filtered log, and their number. Records filter and count before the first byte.

    `headers` are the titles of EXPORT_COLUMNS, `words` the texts for codes (`granted`, `door:entrance`).
    """
    acting.require(Right.EXPORT_LOG)
    newest = (
        acting.site.journal.newest_seq()
    )  # one end for both, so that the file has the recorded number of rows
    count = export_count(acting.site.journal, filter, newest)
    with acting.site.registry.write() as db:
        acting.record(
            db,
            ActionType.LOG_EXPORTED,
            "log",
            after={**described(filter), "rows": count},
        )
    zone = acting.site.config.site.time_zone
    return LogExport(
        count, newest, csv_rows(acting.site.journal, filter, newest, headers, words=words, time_zone=zone)
    )


def print_out(acting: Acting, filter: LogFilter, most: int) -> PrintOut:
    """The newest rows of the filtered log, at most `most`. Records an export with their number."""
    acting.require(Right.EXPORT_LOG)
    if filter.admits_no_record:
        return PrintOut([], 0)
    entries = acting.site.journal.page(filter, None, most + 1)
    omitted = 0
    if len(entries) > most:
        omitted = export_count(acting.site.journal, filter, entries[0].seq) - most
    with acting.site.registry.write() as db:
        after: dict[str, Json] = {**described(filter), "format": "print", "rows": len(entries[:most])}
        acting.record(db, ActionType.LOG_EXPORTED, "log", after=after)
    return PrintOut(entries[:most], omitted)


def _record_view(acting: Acting, filter: LogFilter) -> None:
    record_view(acting, described(filter))


def record_view(acting: Acting, view: dict[str, Json]) -> None:
    """Record the view, once in 10 minutes for one operator and view."""
    with acting.site.registry.read() as db:
        if view in actions.views_since(db, acting.operator.id, acting.moment.utc - ONE_VIEW):
            return
    with acting.site.registry.write() as db:
        acting.record(db, ActionType.LOG_VIEWED, "log", after=view)


def described(filter: LogFilter) -> dict[str, Json]:
    """The filter's set fields, as references and codes, without names."""
    sections: list[Json] = [section.value for section in sorted(filter.sections or ())]
    described: dict[str, Json] = {
        "person": filter.person,
        "door": filter.door,
        "sections": sections or None,
        "from": _text(filter.day_start),
        "until": _text(filter.day_end),
    }
    return {key: value for key, value in described.items() if value is not None}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()

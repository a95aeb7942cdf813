"""The entry log: pages, the live tail and the export. Records who viewed what."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.journal.export.table import COLUMNS as EXPORT_COLUMNS
from controller.journal.export.table import count as export_count
from controller.journal.export.table import csv_rows
from controller.journal.query import LogEntry, LogFilter, Silence
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.registry import actions
from controller.services.site import Site
from controller.services.rights import Right, require

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
    site: Site,
    operator: Operator,
    now: Moment,
    filter: LogFilter,
    before: int | None = None,
    limit: int = 100,
) -> list[LogEntry]:
    """Newest first, those before number `before`.

    Records the view once in 10 minutes for one operator and filter: further pages belong to the same view.
    A filter that admits no record shows no rows, so there is no view to record.
    """
    require(operator, Right.VIEW_LOG)
    if filter.admits_no_record:
        return []
    entries = site.journal.page(filter, before, limit)
    _record_view(site, operator, now, filter)
    return entries


def watch(site: Site, operator: Operator, now: Moment, filter: LogFilter) -> None:
    """Record the view of the live tail, before its first `after`: by the same rule as `page`."""
    require(operator, Right.VIEW_LOG)
    if not filter.admits_no_record:
        _record_view(site, operator, now, filter)


def after(
    site: Site, operator: Operator, now: Moment, filter: LogFilter, seq: int, limit: int = 200
) -> list[LogEntry]:
    """The records after number `seq`, oldest first; for the live page, after it called `watch`."""
    require(operator, Right.VIEW_LOG)
    return site.journal.after(filter, seq, limit)


def entry(site: Site, operator: Operator, now: Moment, seq: int) -> LogEntry | None:
    require(operator, Right.VIEW_LOG)
    return site.journal.entry(seq)


def silences(site: Site, operator: Operator, entries: Sequence[LogEntry]) -> list[Silence]:
    """The silences that end at one of the entries."""
    require(operator, Right.VIEW_LOG)
    return site.journal.silences(entries)


def true_times(site: Site, operator: Operator, entries: Sequence[LogEntry]) -> dict[int, datetime]:
    """By number: the true time of entries recorded without a trusted clock, as far as it is known now."""
    require(operator, Right.VIEW_LOG)
    return site.journal.true_times(entries)


def newest_seq(site: Site, operator: Operator) -> int:
    require(operator, Right.VIEW_LOG)
    return site.journal.newest_seq()


def count(site: Site, operator: Operator, now: Moment, filter: LogFilter) -> int:
    """The number of rows that an export would have now."""
    require(operator, Right.EXPORT_LOG)
    return export_count(site.journal, filter, site.journal.newest_seq())


def export(
    site: Site,
    operator: Operator,
    now: Moment,
    filter: LogFilter,
    headers: Sequence[str],
    words: Mapping[str, str],
) -> LogExport:
    """Every row of the filtered log, and their number. Records filter and count before the first byte.

    `headers` are the titles of EXPORT_COLUMNS, `words` the texts for codes (`granted`, `door:entrance`).
    """
    require(operator, Right.EXPORT_LOG)
    newest = site.journal.newest_seq()  # one end for both, so that the file has the recorded number of rows
    count = export_count(site.journal, filter, newest)
    with site.registry.write() as db:
        actions.record(
            db,
            operator,
            now.utc,
            ActionType.LOG_EXPORTED,
            "log",
            after={**described(filter), "rows": count},
        )
    zone = site.config.site.time_zone
    return LogExport(count, newest, csv_rows(site.journal, filter, newest, headers, words, zone))


def print_out(site: Site, operator: Operator, now: Moment, filter: LogFilter, most: int) -> PrintOut:
    """The newest rows of the filtered log, at most `most`. Records an export with their number."""
    require(operator, Right.EXPORT_LOG)
    if filter.admits_no_record:
        return PrintOut([], 0)
    entries = site.journal.page(filter, None, most + 1)
    omitted = 0
    if len(entries) > most:
        omitted = export_count(site.journal, filter, entries[0].seq) - most
    with site.registry.write() as db:
        after: dict[str, Json] = {**described(filter), "format": "print", "rows": len(entries[:most])}
        actions.record(db, operator, now.utc, ActionType.LOG_EXPORTED, "log", after=after)
    return PrintOut(entries[:most], omitted)


def _record_view(site: Site, operator: Operator, now: Moment, filter: LogFilter) -> None:
    record_view(site, operator, now, described(filter))


def record_view(site: Site, operator: Operator, now: Moment, view: dict[str, Json]) -> None:
    """Record the view, once in 10 minutes for one operator and view."""
    with site.registry.read() as db:
        if view in actions.views_since(db, operator.id, now.utc - ONE_VIEW):
            return
    with site.registry.write() as db:
        actions.record(db, operator, now.utc, ActionType.LOG_VIEWED, "log", after=view)


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

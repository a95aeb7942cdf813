"""The entry log: pages, the live tail and the print-out. Records who viewed what."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from controller.journal.export.selection import Selection
from controller.journal.query import LogEntry, LogFilter, Silence
from controller.model.plain_values import to_plain
from controller.registry import actions
from controller.services.acting import Acting
from controller.services.log.requests import Codes, RecordExport, RecordView
from controller.services.rights import Right

__all__ = [
    "LogEntry",
    "LogFilter",
    "Silence",
    "after",
    "entry",
    "newest_after",
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
    """Record that an operator watches the live tail. Call it before `after`; the limit of `page` applies."""
    acting.require(Right.VIEW_LOG)
    if not filter.admits_no_record:
        _record_view(acting, filter)


def after(acting: Acting, filter: LogFilter, seq: int, limit: int = 200) -> list[LogEntry]:
    """The records after number `seq`, oldest first; for the live page, after it called `watch`."""
    acting.require(Right.VIEW_LOG)
    return acting.site.journal.after(filter, seq, limit)


def newest_after(acting: Acting, filter: LogFilter, seq: int, most: int) -> list[LogEntry]:
    """The newest records after number `seq`, at most `most`, oldest first; for the live page like `after`."""
    acting.require(Right.VIEW_LOG)
    if filter.admits_no_record:
        return []
    newest = acting.site.journal.page(filter, None, most)
    return [entry for entry in reversed(newest) if entry.seq > seq]


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


def print_out(acting: Acting, filter: LogFilter, most: int) -> PrintOut:
    """The newest rows of the filtered log, at most `most`. Records an export with their number."""
    acting.require(Right.EXPORT_LOG)
    if filter.admits_no_record:
        return PrintOut([], 0)
    entries = acting.site.journal.page(filter, None, most + 1)
    omitted = 0
    if len(entries) > most:
        omitted = Selection(acting.site.journal, filter, entries[0].seq).count() - most
    acting.send(RecordExport(export={**filter.codes(), "format": "print", "rows": len(entries[:most])}))
    return PrintOut(entries[:most], omitted)


def _record_view(acting: Acting, filter: LogFilter) -> None:
    record_view(acting, filter.codes())


def record_view(acting: Acting, view: Codes) -> None:
    """Record the view, once in 10 minutes for one operator and view."""
    with acting.site.registry.read() as db:
        recorded = actions.views_since(db, acting.operator.id, acting.moment.utc - ONE_VIEW)
    if to_plain(view) not in recorded:
        acting.send(RecordView(view=view))

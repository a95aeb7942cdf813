"""Remove records past their retention: whole months from the log's beginning, each after its archive.

Numbers decide, not times: a month ends with the last record whose known time lies before the next month, and
all records numbered below it go too. Of a removed record only its leaf stays, in `removed`; key records and
`month_removed` records stay whole. The door writes `month_removed` first, so after a power cut the removal is
on record and can be finished.
"""

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from controller.journal.append import ORDERS_KEPT, Journal
from controller.journal.record import utc_text
from controller.journal.resolve import Resolver
from controller.journal.tail import SPAN
from controller.journal.writing import Statement, translate_journal_errors
from controller.model.moment import ClockState

AT_ONCE = 200
REMOVAL = "removal"  # the name in `latest` of the newest month_removed record

REMOVABLE = "type NOT IN ('log_started', 'log_restored', 'log_key_added', 'month_removed')"
_NEWEST_REMOVAL = "SELECT e.seq, e.body FROM latest AS l JOIN events AS e ON e.seq = l.seq WHERE l.thing = ?"
_TIMES = (
    "SELECT seq, json_extract(body, '$.boot'), json_extract(body, '$.mono_ms'), utc, "
    "json_extract(body, '$.clock') FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq"
)
_SPAN_BELOW = "SELECT max(id) FROM spans WHERE id < ? AND low < ?"
_NEWEST = "SELECT coalesce(max(seq), 0) FROM events"
_OPEN_FROM = "SELECT coalesce(max(id) + 1, 0) FROM spans"
_NEXT = (
    "SELECT max(seq), count(*) FROM (SELECT seq FROM events WHERE seq BETWEEN ? AND ? AND "  # noqa: S608
    + REMOVABLE
    + " ORDER BY seq LIMIT ?)"
)
_KEEP_LEAF = (
    "INSERT INTO removed (seq, leaf) SELECT seq, leaf FROM events "  # noqa: S608
    "WHERE seq BETWEEN ? AND ? AND " + REMOVABLE
)
_DELETE = "DELETE FROM events WHERE seq BETWEEN ? AND ? AND " + REMOVABLE  # noqa: S608
_TIDY_LATEST = (
    "DELETE FROM latest WHERE seq <= ? AND seq NOT IN (SELECT seq FROM events WHERE seq = latest.seq)"
)
# The door reads orders from the newest on: keep the last few, or a restart would answer them again.
_TIDY_ORDERS = (
    "DELETE FROM orders_done WHERE seq <= ? AND order_id <= "
    "(SELECT max(order_id) FROM orders_done AS newest WHERE newest.registry_id = orders_done.registry_id) - ?"
)


class Removal(NamedTuple):
    """Records `first` to `last` are removed or about to be; record `seq` reports it."""

    seq: int
    month: str
    first: int
    last: int


def newest_removal(connection: sqlite3.Connection) -> Removal | None:
    row = connection.execute(_NEWEST_REMOVAL, (REMOVAL,)).fetchone()
    if row is None:
        return None
    body = json.loads(row[1])
    return Removal(row[0], body["month"], body["first"], body["last"])


def month_start(zone: ZoneInfo, month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=zone).astimezone(UTC)


def month_of(utc: datetime, zone: ZoneInfo) -> date:
    """The first day of the local month that contains `utc`."""
    return utc.astimezone(zone).date().replace(day=1)


def months_later(month: date, months: int) -> date:
    years, index = divmod(month.month - 1 + months, 12)
    return date(month.year + years, index + 1, 1)


def last_before(connection: sqlite3.Connection, first: int, moment: datetime) -> Iterator[int | None]:
    """Find the highest number from `first` on whose known time lies before `moment`; 0 if there is none.

    Yields None after each short step, then the number.
    """
    span = connection.execute(_OPEN_FROM).fetchone()[0]
    end = connection.execute(_NEWEST).fetchone()[0]
    low = utc_text(moment)
    while span is not None and end >= first:
        found = [seq for seq, utc in _times(connection, max(first, span * SPAN), end) if utc < moment]
        if found:
            yield found[-1]
            return
        yield None
        # Spans hold recorded times. If such a time was wrong and is resolved by now, the record that resolved
        # it has a higher number and was found before.
        span = connection.execute(_SPAN_BELOW, (span, low)).fetchone()[0]
        end = -1 if span is None else (span + 1) * SPAN - 1
    yield 0


def first_before(
    connection: sqlite3.Connection, first: int, last: int, moment: datetime
) -> Iterator[datetime | None]:
    """Yield None after each short step, then the first known time before `moment`."""
    for start in range(first, last + 1, SPAN):
        for _, utc in _times(connection, start, min(start + SPAN - 1, last)):
            if utc < moment:
                yield utc
                return
        yield None


def _times(connection: sqlite3.Connection, first: int, last: int) -> Iterator[tuple[int, datetime]]:
    """Yield records whose time is known: synchronised, resolved, or from a clock in holdover."""
    resolver = Resolver(connection)
    for seq, boot, mono_ms, text, clock in connection.execute(_TIMES, (first, last)).fetchall():
        if clock == ClockState.TRUSTED:
            yield seq, datetime.fromisoformat(text)
            continue
        resolved = resolver.utc(seq, boot, mono_ms)
        if resolved is not None:
            yield seq, resolved
        elif clock == ClockState.HOLDOVER:
            yield seq, datetime.fromisoformat(text)


def remove_step(journal: Journal, removal: Removal) -> bool:
    """Run one short transaction; return True if more records may remain."""
    with translate_journal_errors():
        writing = journal.writing
        key = (removal.first, removal.last, AT_ONCE)
        upto, found = writing.connection().execute(_NEXT, key).fetchone()
        if not found:
            return False
        writing.run([(_KEEP_LEAF, (removal.first, upto)), (_DELETE, (removal.first, upto))])
        return bool(found == AT_ONCE)


def tidy(journal: Journal, removal: Removal) -> None:
    """Delete references to removed records. Spans stay: key records are still found by their day."""
    with translate_journal_errors():
        statements: list[Statement] = [
            (_TIDY_LATEST, (removal.last,)),
            (_TIDY_ORDERS, (removal.last, ORDERS_KEPT)),
        ]
        journal.writing.run(statements)

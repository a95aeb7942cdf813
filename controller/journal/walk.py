"""Numbers of the records that match a filter, in order, at the same cost at any depth and log size.

A filter becomes a handful of strips: runs of an index whose numbers are in order (one for each section and
door), and one for the few newest records that are not in the indexes yet. The walk reads strips side by side
and merges them, so it counts, sorts and skips nothing.
A day becomes a few intervals of numbers, from `spans`; only in spans that the day's bounds cut does the walk
compare each record's own time.
"""

import heapq
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from controller.journal.log_filter import LogFilter
from controller.journal.record import utc_text
from controller.journal.tail import SPAN
from controller.model.events import Section

NO_LIMIT = 2**62
_ANY_TIME = ("", "~")

# The column `utc` parses the record, and a page of a day tries up to two thousand at its ragged ends. Nearly
# all records end with their time and version, read here as bytes. Others have a code that sorts behind "utc".
_BYTES = "CAST(body AS BLOB)"
_UTC = f"""CASE WHEN substr({_BYTES}, -39, 7) = CAST('"utc":"' AS BLOB)
    AND substr({_BYTES}, -8) = CAST('","v":1}}' AS BLOB)
    THEN CAST(substr({_BYTES}, -32, 24) AS TEXT) ELSE utc END"""

# Built from constants only; all values are parameters.
_WITHIN = f"seq BETWEEN ? AND ? AND (? OR ({_UTC}) BETWEEN ? AND ?) ORDER BY seq "
_ALL = "SELECT seq FROM events WHERE " + _WITHIN  # noqa: S608
_SECTION = (
    "SELECT seq FROM events INDEXED BY events_by_section "  # noqa: S608
    "WHERE filed = 1 AND section = ? AND door IS ? AND " + _WITHIN
)
_PERSON = (
    "SELECT seq FROM events INDEXED BY events_by_person "  # noqa: S608
    "WHERE filed = 1 AND person = ? AND section = ? AND door IS ? AND " + _WITHIN
)
_NEWEST = "SELECT seq, filed, section, door, person, utc FROM events ORDER BY seq DESC"
_NO_DOOR = {
    False: "SELECT 1 FROM events INDEXED BY events_by_section "
    "WHERE filed = 1 AND section = ? AND door IS NULL LIMIT 1",
    True: "SELECT 1 FROM events INDEXED BY events_by_person "
    "WHERE filed = 1 AND person = ? AND section = ? AND door IS NULL LIMIT 1",
}
_NEXT_DOOR = {
    False: "SELECT door FROM events INDEXED BY events_by_section "
    "WHERE filed = 1 AND section = ? AND door > ? ORDER BY door LIMIT 1",
    True: "SELECT door FROM events INDEXED BY events_by_person "
    "WHERE filed = 1 AND person = ? AND section = ? AND door > ? ORDER BY door LIMIT 1",
}
_SPANS = (
    "SELECT id, low >= ?1 AND high < ?2 FROM spans "
    "WHERE low < ?2 AND high >= ?1 AND id BETWEEN ?3 AND ?4 ORDER BY id "
)
# The first interval joins at most 16 spans, the next 256 …: most pages need only one.
_FIRST_SPANS, _MORE_SPANS = 16, 16


class Strip(NamedTuple):
    sql: str
    key: tuple[str | None, ...]


_EVERYTHING = Strip(_ALL, ())  # reads by number, so it includes unfiled records


class Interval(NamedTuple):
    """Numbers from `first` to `last`; `whole` if every record between them lies within the day."""

    first: int
    last: int
    whole: bool


def walk(
    connection: sqlite3.Connection, filter: LogFilter, first: int, last: int, newest_first: bool
) -> Iterator[int]:
    """Yield matching numbers from `first` to `last`, both inclusive. Run it within one snapshot."""
    order = "DESC" if newest_first else "ASC"
    if filter.admits_no_record:
        return
    strips = _strips(connection, filter)
    fresh = [] if strips == [_EVERYTHING] else _unfiled(connection, filter, newest_first)
    low, high = bounds(filter)
    if filter.day_end is not None:
        high = utc_text(filter.day_end - timedelta(milliseconds=1))  # the last text before the end
    for part in intervals(connection, filter, first, last, newest_first=newest_first):
        runs = [
            connection.execute(strip.sql + order, (*strip.key, part.first, part.last, part.whole, low, high))
            for strip in strips
        ]
        here = [(seq,) for seq in fresh if part.first <= seq <= part.last]
        rows = runs[0] if len(runs) == 1 and not here else heapq.merge(*runs, here, reverse=newest_first)
        for (seq,) in rows:
            yield seq


def _unfiled(connection: sqlite3.Connection, filter: LogFilter, newest_first: bool) -> list[int]:
    """The few newest matching records that no index holds yet; unfiled records end the log without a gap."""
    low, high = bounds(filter)
    found = []
    for seq, filed, section, door, person, utc in connection.execute(_NEWEST):
        if filed:
            break
        if (
            (filter.sections is None or section in filter.sections)
            and filter.door in (None, door)
            and filter.person in (None, person)
            and low <= utc < high
        ):
            found.append(seq)
    return found if newest_first else found[::-1]


def bounds(filter: LogFilter) -> tuple[str, str]:
    low, high = _ANY_TIME
    if filter.day_start is not None:
        low = utc_text(filter.day_start)
    if filter.day_end is not None:
        high = utc_text(filter.day_end)
    return low, high


def intervals(
    connection: sqlite3.Connection, filter: LogFilter, first: int, last: int, newest_first: bool
) -> Iterator[Interval]:
    if first > last:
        return
    low, high = bounds(filter)
    if (low, high) == _ANY_TIME:
        yield Interval(first, last, True)
        return
    full = connection.execute("SELECT coalesce(max(id) + 1, 0) FROM spans").fetchone()[0]
    found = _islands(
        connection.execute(
            _SPANS + ("DESC" if newest_first else "ASC"), (low, high, first // SPAN, min(last // SPAN, full))
        )
    )
    ragged_end = Interval(full * SPAN, NO_LIMIT, False)
    if newest_first:
        yield from _clipped(ragged_end, first, last)
    for island in found:
        yield from _clipped(island, first, last)
    if not newest_first:
        yield from _clipped(ragged_end, first, last)


def _islands(rows: Iterator[tuple[int, int]]) -> Iterator[Interval]:
    """Join neighbouring spans of the same kind."""
    size, limit = 0, _FIRST_SPANS
    start = end = kind = 0
    for id, whole in rows:
        if size and whole == kind and abs(id - end) == 1 and size < limit:
            end, size = id, size + 1
            continue
        if size:
            yield _interval(start, end, kind)
            limit *= _MORE_SPANS
        start, end, kind, size = id, id, whole, 1
    if size:
        yield _interval(start, end, kind)


def _interval(start: int, end: int, kind: int) -> Interval:
    return Interval(min(start, end) * SPAN, (max(start, end) + 1) * SPAN - 1, bool(kind))


def _clipped(part: Interval, first: int, last: int) -> Iterator[Interval]:
    first, last = max(part.first, first), min(part.last, last)
    if first <= last:
        yield Interval(first, last, part.whole)


def _strips(connection: sqlite3.Connection, filter: LogFilter) -> list[Strip]:
    if filter.person is None and filter.door is None and filter.sections is None:
        return [_EVERYTHING]
    owner = () if filter.person is None else (filter.person,)
    sql = _PERSON if owner else _SECTION
    strips = []
    for section in Section if filter.sections is None else sorted(filter.sections):
        key = (*owner, section.value)
        doors = [filter.door] if filter.door is not None else _doors(connection, key, bool(owner))
        strips += [Strip(sql, (*key, door)) for door in doors]
    return strips


def _doors(connection: sqlite3.Connection, key: tuple[str, ...], owned: bool) -> list[str | None]:
    """Find the doors that have records by skipping from one to the next in the index."""
    doors: list[str | None] = []
    if connection.execute(_NO_DOOR[owned], key).fetchone():
        doors.append(None)
    door = ""
    while row := connection.execute(_NEXT_DOOR[owned], (*key, door)).fetchone():
        door = row[0]
        doors.append(door)
    return doors

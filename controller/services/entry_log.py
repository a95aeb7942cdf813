"""The entry log: pages, the live tail and the export. Who looked, and at what, is recorded too."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from controller.journal.query import LogEntry, LogFilter
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.services.house import House

__all__ = ["Export", "LogEntry", "LogFilter", "after", "export", "newest_seq", "page"]


@dataclass(frozen=True, slots=True)
class Export:
    count: int
    lines: Iterator[bytes]  # UTF-8 CSV with BOM, in pieces of many rows; never all in memory


def page(
    house: House,
    operator: Operator,
    now: Moment,
    filter: LogFilter,
    before: int | None = None,
    limit: int = 100,
) -> list[LogEntry]:
    """Newest first, those before number `before`.

    The view is recorded, once in 10 minutes for one operator and filter: paging on is the same view.
    """
    raise NotImplementedError


def after(
    house: House, operator: Operator, now: Moment, filter: LogFilter, seq: int, limit: int = 200
) -> list[LogEntry]:
    """What came after number `seq`, oldest first; for the live page."""
    raise NotImplementedError


def newest_seq(house: House, operator: Operator) -> int:
    raise NotImplementedError


def export(
    house: House,
    operator: Operator,
    now: Moment,
    filter: LogFilter,
    headers: Sequence[str],
    words: Mapping[str, str],
) -> Export:
    """Every row of the filtered log, and how many; recorded with filter and count before the first byte.

    `headers` are the 13 column titles, `words` what codes (types, results, reasons, doors …) read as.
    """
    raise NotImplementedError

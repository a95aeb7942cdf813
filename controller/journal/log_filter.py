"""The filter that selects a part of the log."""

from dataclasses import dataclass
from datetime import datetime

from controller.model.events import Section


@dataclass(frozen=True)
class LogFilter:
    """Absent fields filter nothing. `person` is the cardholder's reference. With `admits_no_record` no record
    passes, because the typed name matches no person, or several.

    `day_start` (inclusive) and `day_end` (exclusive) are aware moments; the caller knows when its day begins.
    """

    person: str | None = None
    door: str | None = None
    sections: frozenset[Section] | None = None
    day_start: datetime | None = None
    day_end: datetime | None = None
    admits_no_record: bool = False

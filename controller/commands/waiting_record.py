"""Find the record of a badge that waits for a second person, for a tap without a record of its own."""

from datetime import datetime, timedelta

from controller.config import ReaderConfig
from controller.journal.query import LogFilter
from controller.model.operators import MACHINE
from controller.services.rules import books as rule_books
from controller.services.site import Site

_SEARCHED = 100  # newest records of the door


def waiting_record(site: Site, reader: ReaderConfig, last_four: str, tapped: datetime) -> int | None:
    """Return the number of the record that shows this badge waiting at the reader's access point at `tapped`.

    A reader treats a badge that returns within half a second as one that never left, and the door records
    nothing.
    """
    point = site.config.access_points[reader.access_point]
    rules = rule_books.newest(site.acting(MACHINE)).rules_at(point.door, point.name).values()
    seconds = max((one.second_within for one in rules if one.is_enforced), default=0)
    if not seconds:
        return None
    earlier = site.journal.page(LogFilter(door=point.door), limit=_SEARCHED)
    taps = (one for one in earlier if one.access_point == point.name and one.result is not None)
    waits = next(taps, None)
    if waits is None or waits.result != "waiting":
        return None
    waited = tapped - waits.utc
    if (waits.details or {}).get("last_four") != last_four:
        return None
    return waits.seq if timedelta() <= waited <= timedelta(seconds=seconds) else None

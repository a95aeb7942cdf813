"""The log as lines for programs: the output of `genkan log show --json` and `follow`."""

from collections.abc import Iterator
from datetime import datetime

from controller.journal.log_entry import LogEntry
from controller.journal.log_filter import LogFilter
from controller.journal.query import JournalReader
from controller.journal.record import utc_text
from controller.model.events import Json

_STEP = 1000
_IN_THE_LINE = frozenset({"name", "last_four", "operator"})


def lines(journal: JournalReader, after: int, filter: LogFilter | None = None) -> Iterator[dict[str, Json]]:
    """Yield records after number `after`, oldest first, including those appended while this runs."""
    filter = filter or LogFilter()
    while found := journal.after(filter, after, _STEP):
        true_times = journal.true_times(found)
        for one in found:
            yield line(one, true_times.get(one.seq))
        after = found[-1].seq


def line(entry: LogEntry, true_time: datetime | None = None) -> dict[str, Json]:
    """Absent values are None. `person` (name) and `badge` (last four digits) are those of the time.

    `resolved_utc` is the true time of a record from before the clock was synchronised, once it is known.
    """
    details = entry.details or {}
    rest = {key: value for key, value in details.items() if key not in _IN_THE_LINE}
    return {
        **entry.codes,
        "seq": entry.seq,
        "utc": utc_text(entry.utc),
        "clock": entry.clock,
        "resolved_utc": None if true_time is None else utc_text(true_time),
        "type": entry.type,
        "section": entry.section,
        "door": entry.door,
        "access_point": entry.access_point,
        "reader": entry.reader,
        "direction": entry.direction,
        "result": entry.result,
        "reason": entry.reason,
        "assurance": entry.assurance,
        "person": details.get("name"),
        "badge": details.get("last_four"),
        "operator": details.get("operator"),
        "person_ref": entry.person,
        "credential": entry.credential,
        "actor": entry.actor,
        "boot": entry.boot,
        "mono_ms": entry.mono_ms,
        "registry": entry.registry,
        "config": entry.config,
        "details": rest or None,
    }

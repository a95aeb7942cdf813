"""Whether the door process starts again and again, by the records of its starts."""

import json
from datetime import datetime, timedelta

from controller.journal.append import Journal
from controller.journal.writing import translate_journal_errors
from controller.model.events import EventType
from controller.model.moment import Moment

MANY = 3  # starts
WITHIN = timedelta(minutes=2)
QUIET = timedelta(hours=1)  # between two alarms
_MOST = 2000  # records read; a door that starts again and again writes fewer
_LIFE = """
    SELECT CAST(body AS BLOB) FROM events
    WHERE seq > ? AND instr(body, '"type":"service_') > 0 ORDER BY seq DESC"""


def frequent_starts(journal: Journal, now: Moment) -> int | None:
    """Count the starts of the last two minutes, this one included, which has no record yet.

    None for fewer than three, and within an hour of the last alarm. Stops that a person asked for do not
    count. Raises JournalUnavailable.
    """
    starts = 1
    with translate_journal_errors():
        rows = journal.writing.connection().execute(_LIFE, (journal.newest_seq - _MOST,))
        for (body,) in rows:
            try:
                fields = json.loads(body)
                kind, age = fields["type"], _age(fields, now)
            except (ValueError, KeyError, TypeError):
                continue  # damaged; the verifier names it
            if not timedelta(0) <= age <= QUIET or (age > WITHIN and starts < MANY):
                break
            if kind == EventType.SERVICE_RESTARTS_OFTEN:
                return None
            if age <= WITHIN:
                starts += (kind == EventType.SERVICE_STARTED) - (kind == EventType.SERVICE_STOPPED)
    return starts if starts >= MANY else None


def _age(fields: dict[str, str], now: Moment) -> timedelta:
    """By the clock that nobody can set, where it is of the same boot."""
    if fields["boot"] == now.boot:
        return timedelta(milliseconds=now.mono_ms - int(fields["mono_ms"]))
    return now.utc - datetime.fromisoformat(fields["utc"])

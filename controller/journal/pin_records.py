"""The PIN entries of the last day, read from their records."""

import json
from datetime import datetime, timedelta

from controller.journal.append import Journal
from controller.journal.record import utc_text
from controller.journal.writing import translate_journal_errors
from controller.model.pins import PinTry

_STEP = 2000
_MOST = 100_000  # records scanned; no keypad produces more in a day
_WITH_A_PIN = """
    SELECT body FROM events WHERE seq > ? AND seq <= ? AND instr(body, '"pin":"') > 0 ORDER BY seq DESC"""
_UTC = "SELECT utc FROM events WHERE seq > ? ORDER BY seq LIMIT 1"
_IS_RIGHT = {"right": True, "wrong": False}


def pin_tries(journal: Journal, now: datetime) -> list[PinTry]:
    """Return the PIN entries of the last day, oldest first. Raises JournalUnavailable."""
    since = utc_text(now - timedelta(days=1))
    found: list[PinTry] = []
    newest = journal.newest_seq
    with translate_journal_errors():
        connection = journal.writing.connection()
        for last in range(newest, max(0, newest - _MOST), -_STEP):
            rows = connection.execute(_WITH_A_PIN, (last - _STEP, last))
            found += [one for (body,) in rows if (one := _try(body)) is not None]
            oldest = connection.execute(_UTC, (last - _STEP,)).fetchone()
            if oldest is None or oldest[0] < since:
                break
    return found[::-1]


def _try(body: str) -> PinTry | None:
    """Return None for a damaged record and for one of another kind."""
    try:
        record = json.loads(body)
        return PinTry(
            credential=record["credential"],
            reader=record["reader"],
            right=_IS_RIGHT[record["pin"]],
            utc=datetime.fromisoformat(record["utc"]),
            boot=record["boot"],
            mono_ms=record["mono_ms"],
        )
    except (ValueError, KeyError, TypeError):
        return None

"""The PINs that were looked at in the last day, as their records say."""

import json
from datetime import datetime, timedelta

from controller.journal.append import Journal
from controller.journal.record import utc_text
from controller.journal.writing import or_unavailable
from controller.model.pins import PinTry

_STEP = 2000
_MOST = 100_000  # records looked at; a log of more in a day is the work of no keypad
_CHUNK = "SELECT seq, utc, body FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT ?"
_LOOKED_AT = {"right": True, "wrong": False}


def pin_tries(journal: Journal, now: datetime) -> list[PinTry]:
    """Oldest first. Raises JournalUnavailable."""
    since = utc_text(now - timedelta(days=1))
    found: list[PinTry] = []
    newest = journal.newest_seq
    with or_unavailable():
        connection = journal.writing.connection()
        for last in range(newest, max(0, newest - _MOST), -_STEP):
            rows = connection.execute(_CHUNK, (last, _STEP)).fetchall()
            found += [one for _, _, body in rows if '"pin":"' in body and (one := _try(body)) is not None]
            if not rows or rows[-1][1] < since:
                break
    return found[::-1]


def _try(body: str) -> PinTry | None:
    """None for a record of another kind, and for one that is damaged."""
    try:
        record = json.loads(body)
        return PinTry(
            record["credential"],
            record["reader"],
            _LOOKED_AT[record["pin"]],
            datetime.fromisoformat(record["utc"]),
            record["boot"],
            record["mono_ms"],
        )
    except (ValueError, KeyError, TypeError):
        return None

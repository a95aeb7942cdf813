"""Events to write: short to say, complete enough to be read back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from controller.journal.append import Journal
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment

START = datetime(2026, 11, 24, 6, tzinfo=UTC)


def at(seconds: float = 0, clock: ClockState = ClockState.TRUSTED) -> Moment:
    return Moment(START + timedelta(seconds=seconds), round(seconds * 1000), "boot-1", clock)


def grant(seconds: float = 0, **fields: Any) -> Event:
    values = {
        "door": "entrance",
        "access_point": "entrance-in",
        "reader": "entrance-in",
        "direction": "in",
        "result": "granted",
        "person": "person-1",
        "credential": "badge-1",
        "details": {"name": "山田 花子", "last_four": "FFEE"},
    }
    moment = fields.pop("moment", None) or at(seconds)
    return Event(EventType.ACCESS_GRANTED, moment, **(values | fields))


def outcome(of: int, result: str = "opened", seconds: float = 0) -> Event:
    return Event(EventType.ACCESS_OUTCOME, at(seconds), door="entrance", result=result, codes={"of": of})


def happened(type: EventType, seconds: float = 0, **fields: Any) -> Event:
    return Event(type, fields.pop("moment", None) or at(seconds), **fields)


def journal_in(folder: Path) -> Journal:
    return Journal.open(folder / "journal.db", "config-1")


@contextmanager
def raw(folder: Path) -> Iterator[sqlite3.Connection]:
    """Somebody with the right to write the file and no intention to use our code."""
    connection = sqlite3.connect(folder / "journal.db", isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def forge(folder: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Change the file past its triggers, as an attacker with the file would; then put them back."""
    with raw(folder) as connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        for statement, values in statements:
            assert connection.execute(statement, values).rowcount > 0, statement
        for _, sql in triggers:
            connection.execute(sql)

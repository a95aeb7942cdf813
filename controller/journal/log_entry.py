"""One record of the log, decoded for readers."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from controller.journal.record import RESERVED
from controller.model.events import EventType, Json

_BY_NUMBER = (
    "SELECT e.seq, e.body, e.details FROM json_each(?) AS wanted "
    "CROSS JOIN events AS e ON e.seq = wanted.value"
)
_LATEST_OF = (
    "SELECT l.thing, e.seq, e.body, e.details FROM json_each(?) AS wanted "
    "CROSS JOIN latest AS l ON l.thing = wanted.value CROSS JOIN events AS e ON e.seq = l.seq"
)
_OF_TYPE = " WHERE instr(e.body, ?) > 0"  # text search works because a body is canonical JSON


class LogEntry(NamedTuple):  # a page makes a hundred, and a frozen dataclass takes twice as long
    """`type`, `section` and the other codes compare equal to their enums in the model.

    `person`, `credential` and `actor` are references. `details` holds the names at the time of the record
    (`name`, `last_four`, `operator` …); it is None if there were none or they have been `erased`.
    """

    seq: int
    utc: datetime
    type: str
    section: str
    door: str | None
    access_point: str | None
    reader: str | None
    direction: str | None
    result: str | None
    reason: str | None
    assurance: int | None
    person: str | None
    credential: str | None
    actor: str | None
    clock: str
    boot: str
    mono_ms: int
    registry: int | None
    config: str
    codes: dict[str, Json]
    details: dict[str, Json] | None
    erased: bool = False


def entry(seq: int, body: str, details: str | None) -> LogEntry:
    fields = json.loads(body)
    get = fields.get
    return LogEntry(
        seq=seq,
        utc=datetime.fromisoformat(fields["utc"]),
        type=fields["type"],
        section=fields["section"],
        door=get("door"),
        access_point=get("access_point"),
        reader=get("reader"),
        direction=get("direction"),
        result=get("result"),
        reason=get("reason"),
        assurance=get("assurance"),
        person=get("person"),
        credential=get("credential"),
        actor=get("actor"),
        clock=fields["clock"],
        boot=fields["boot"],
        mono_ms=fields["mono_ms"],
        registry=get("registry"),
        config=fields["config"],
        codes={key: value for key, value in fields.items() if key not in RESERVED},
        details=None if details is None else json.loads(details),
        erased=details is None and "details" in fields,
    )


def entries(
    connection: sqlite3.Connection, seqs: Iterable[int], type_: EventType | None = None
) -> list[LogEntry]:
    """Return entries in the order of `seqs`; with `type_`, read and return only entries of that type."""
    numbers = json.dumps(list(seqs))
    if type_ is None:
        return [entry(*row) for row in connection.execute(_BY_NUMBER, (numbers,))]
    rows = connection.execute(_BY_NUMBER + _OF_TYPE, (numbers, f'"type":"{type_.value}"'))
    return [found for row in rows if (found := entry(*row)).type == type_]


def latest_of(connection: sqlite3.Connection, things: Sequence[str]) -> dict[str, LogEntry]:
    """The newest entry about each thing, by the names of latest.py."""
    rows = connection.execute(_LATEST_OF, (json.dumps(things),))
    return {thing: entry(*row) for thing, *row in rows}

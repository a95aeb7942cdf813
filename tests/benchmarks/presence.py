"""Reading a long log for who is inside, beside parsing the same rows and nothing else."""

import json
import random
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

from controller.decision.presence import Presence
from controller.journal.append import Journal
from controller.journal.facts import facts_after
from controller.journal.query import JournalReader
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from tests.benchmarks.fill import BEGAN
from tests.benchmarks.measure import print_ratio

_PEOPLE, _AREAS = 10_000, 50
_BATCH = 9_996  # whole passages
_SECONDS = 10.0  # for 1,000,000 records


def run(folder: Path, size: int) -> None:
    """A fold that must finish within ten seconds, under any other load of the door."""
    file = _filled(folder / f"presence-{size}", size)
    parsed = _parsed(file)
    began = time.perf_counter()
    presence, seq = Presence(), 0
    with JournalReader(file) as reader:
        while True:
            with reader.snapshot() as connection:
                facts, upto = facts_after(connection, seq)
            for fact in facts:
                presence.apply(fact)
            if upto == seq:
                break
            seq = upto
    took = time.perf_counter() - began
    inside = sum(presence.count(area) for area in presence.areas())
    print_ratio(
        f"presence of {size:,} records / parsing them", took / parsed, 1.5, f"{took:.1f} s / {parsed:.1f} s"
    )
    print_ratio(f"presence of {size:,} records, s", took, _SECONDS * size / 1_000_000, f"{inside:,} inside")
    began = time.perf_counter()
    presence.copy()
    print_ratio("presence laid over it, ms", (time.perf_counter() - began) * 1000, 50)


def _parsed(file: Path) -> float:
    began = time.perf_counter()
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        for (body,) in connection.execute("SELECT body FROM events ORDER BY seq"):
            json.loads(body)
    return time.perf_counter() - began


def _filled(folder: Path, size: int) -> Path:
    """Each passage is six records: granted, released, opened, outcome, closed, secured."""
    file = folder / "journal.db"
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(1)
    with Journal.open(file, "0" * 12) as journal:
        while journal.newest_seq < size:
            first = journal.newest_seq + 1
            many = min(_BATCH, size - first + 1)
            journal.append(
                [event for seq in range(first, first + many, 6) for event in _passage(seq, chance)]
            )
            journal.empty_wal_if_idle()
    return file


def _passage(seq: int, chance: random.Random) -> list[Event]:
    at = Moment(BEGAN + timedelta(seconds=10 * seq), 10_000 * seq, "b" * 32, ClockState.TRUSTED)
    area, direction = f"area-{chance.randrange(_AREAS)}", chance.choice(("in", "out"))
    person = f"{chance.randrange(_PEOPLE):016x}"
    category = chance.choice(("sv", "regular", "agency"))
    granted = Event(
        EventType.ACCESS_GRANTED,
        at,
        door=area,
        access_point=f"{area}-{direction}",
        reader=f"{area}-{direction}",
        direction=direction,
        result="granted",
        assurance=0,
        person=person,
        credential=person,
        registry=12,
        codes={"rules": 3, "category": category, "area" if direction == "in" else "left": area},
        details={"name": "見本 社員", "last_four": "FFEE"},
    )
    outcome = "opened" if chance.random() < 0.98 else "not_opened"
    return [
        granted,
        Event(EventType.LOCK_RELEASED, at, door=area),
        Event(EventType.DOOR_OPENED, at, door=area),
        Event(EventType.ACCESS_OUTCOME, at, door=area, result=outcome, codes={"of": seq}),
        Event(EventType.DOOR_CLOSED, at, door=area),
        Event(EventType.LOCK_SECURED, at, door=area),
    ]

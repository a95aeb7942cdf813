"""Large sites, created once and kept in the benchmark's folder."""

import contextlib
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from controller.config import load
from controller.journal.append import Journal
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.credentials import CardNumber, CredentialKind
from controller.model.events import Event, EventType
from controller.model.moment import ClockState, Moment
from controller.registry.card_hash import card_hash, load_key
from controller.registry.copy import keep_digest, make_copy
from controller.registry.lookup import Lookup
from controller.registry.name_folding import search_text
from controller.runtime import last_good
from controller.runtime.clock import Clock
from controller.services import demo
from controller.services.site import Site
from tests.controller.site import CONFIG
from tests.controller.unrecorded import unrecorded

_BATCH = 10_000
BEGAN = datetime(2025, 1, 1, tzinfo=UTC)
_BOOT = "b" * 32


def site(folder: Path, badges: int = 0, events: int = 0, config_text: str = CONFIG) -> Path:
    """A data folder with the sample people, further badges and a log of `events` entries."""
    if (folder / "filled").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "genkan.toml").write_text(config_text, "utf-8")
    config = load(folder / "genkan.toml")
    Site.init(config, Clock().now())
    with Site.open(config, Clock().now) as site:
        demo.fill(site, site.now())
        if badges:
            _badges(site, badges)
    if events:
        _events(folder, events)
    copy = folder / "journal" / last_good.FOLDER / "registry.db"
    with contextlib.closing(Lookup(folder / "registry" / "registry.db")) as lookup:
        make_copy(lookup, copy, Clock().now().utc, lambda: None)  # as a door leaves it
        keep_digest(copy, lambda: None)
    (folder / "filled").touch()
    return folder


def number(index: int) -> CardNumber:
    return CardNumber(CredentialKind.FELICA, f"0114B34D{index:08X}")


def _badges(site: Site, count: int) -> None:
    key = load_key(site.config.data / "keys")
    with unrecorded(site.registry) as db:
        level = db.execute("SELECT id FROM access_levels WHERE name = 'Everywhere'").fetchone()[0]
        people = (
            (f"{i:016x}", f"Person {i}", "", f"{i:09}", search_text(f"Person {i}", ""), "active")
            for i in range(count)
        )
        db.executemany(
            "INSERT INTO cardholders (id, name, kana, sort_key, search_text, status) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            people,
        )
        rows = sorted(
            (card_hash(key, number(i)), f"{i:016x}", f"{i:016x}", number(i).last_four) for i in range(count)
        )
        db.executemany(
            "INSERT INTO credentials (card_hash, id, cardholder_id, last_four, kind, status) "
            "VALUES (?, ?, ?, ?, 'felica', 'active')",
            rows,
        )
        holds = ((f"{i:016x}", level) for i in range(count))
        db.executemany("INSERT INTO cardholder_levels (cardholder_id, level_id) VALUES (?, ?)", holds)


def _events(folder: Path, count: int) -> None:
    """A log as a door leaves it: every grant has its outcome, and a checkpoint covers all of it."""
    with Journal.open(folder / "journal" / "journal.db", "0" * 12) as journal:
        sealing = Sealing(journal, folder / "keys", UTC)
        sealing.start_log(_at(0))
        stream = events(journal.newest_seq + 1, count)
        while batch := list(itertools.islice(stream, _BATCH)):
            journal.append(batch)
            journal.empty_wal_if_idle()
        sealing.seal(_at(count), CheckpointCause.EVENTS)


def _at(index: int) -> Moment:
    return Moment(BEGAN + timedelta(seconds=40 * index), 40_000 * index, _BOOT, ClockState.TRUSTED)


def events(first: int, count: int) -> Iterator[Event]:
    """The records from number `first` on: taps of 10 people, a third refused, and two of the door for each.

    Few people and many refusals, so that a page is full in the small log too.
    """
    chance = random.Random(1)
    awaited: int | None = None  # a grant whose outcome is still to come
    for index in range(count):
        if index % 3 == 1:
            yield Event(EventType.LOCK_RELEASED, _at(index), door="entrance")
        elif index % 3 == 2 and awaited is not None:
            yield Event(
                EventType.ACCESS_OUTCOME, _at(index), door="entrance", result="opened", codes={"of": awaited}
            )
        elif index % 3 == 2:
            yield Event(EventType.LOCK_SECURED, _at(index), door="entrance")
        else:
            tap = _tap(index, chance)
            awaited = first + index if tap.result == "granted" and tap.direction == "in" else None
            yield tap


def _tap(index: int, chance: random.Random) -> Event:
    person = chance.randrange(10)
    denied = chance.random() < 0.33
    direction = chance.choice(("in", "out"))
    return Event(
        EventType.ACCESS_DENIED if denied else EventType.ACCESS_GRANTED,
        _at(index),
        door="entrance",
        access_point=f"entrance-{direction}",
        reader=f"entrance-{direction}",
        direction=direction,
        result="denied" if denied else "granted",
        reason="outside_schedule" if denied else None,
        assurance=0,
        person=f"{person:016x}",
        credential=f"{person:016x}",
        registry=12,
        details={"name": f"見本 社員{person}", "last_four": f"{person:04X}"},
    )

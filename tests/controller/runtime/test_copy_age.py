"""A list of badges older than 72 hours is an alarm."""

import contextlib
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from controller.model.events import ALARM_TYPES, Event, EventType
from controller.model.moment import Moment
from controller.runtime.copy_age import OLD, CopyAge
from controller.runtime.last_good import FOLDER
from controller.services.site import Site
from tests.controller.decision.samples import NOON
from tests.controller.site import admit, running_door
from tests.waiting import until

HOUR, MS = timedelta(hours=1), timedelta(milliseconds=1)


def later(time: timedelta, wall: timedelta | None = None) -> Moment:
    """`wall`: what the clock on the wall has gone on, where that is something else."""
    return replace(
        NOON, utc=NOON.utc + (time if wall is None else wall), mono_ms=NOON.mono_ms + round(time / MS)
    )


def age(event: Event | None) -> object:
    assert event is not None and event.type is EventType.REGISTRY_COPY_OLD
    assert event.type in ALARM_TYPES, "it stays until it is acknowledged"
    return event.codes["copy_age_ms"]


def test_copy_older_than_72_hours_is_reported_once_and_again_after_the_registry_was_read() -> None:
    copy = CopyAge()
    copy.begin(NOON.utc - 2 * HOUR, NOON)
    assert copy.poll(later(70 * HOUR - MS)) is None
    assert age(copy.poll(later(70 * HOUR))) == OLD / MS
    assert copy.poll(later(100 * HOUR)) is None
    copy.end()
    assert copy.poll(later(200 * HOUR)) is None
    copy.begin(NOON.utc, later(200 * HOUR))
    assert age(copy.poll(later(200 * HOUR))) == 200 * HOUR / MS


def test_clock_set_back_or_standing_still_hides_no_age() -> None:
    copy = CopyAge()
    copy.begin(NOON.utc, NOON)
    assert copy.poll(later(71 * HOUR, wall=-48 * HOUR)) is None
    assert age(copy.poll(later(72 * HOUR, wall=-48 * HOUR))) == OLD / MS


def test_copy_of_tomorrow_ages_too() -> None:
    """Created by a clock that was fast."""
    copy = CopyAge()
    copy.begin(NOON.utc + 48 * HOUR, NOON)
    assert copy.poll(later(72 * HOUR - MS)) is None
    assert copy.poll(later(72 * HOUR)) is not None


def test_without_a_copy_there_is_none_to_be_old() -> None:
    copy = CopyAge()
    copy.begin(None, NOON)
    assert copy.poll(later(1000 * HOUR)) is None


def test_door_that_starts_on_a_copy_of_last_week_tells_it_and_a_readable_registry_ends_it(
    site: Site, tmp_path: Path
) -> None:
    admit(site)
    with running_door(site) as door:
        until(lambda: door.service.last_good.copied_version())
    copy = site.config.data / "journal" / FOLDER / "registry.db"
    last_week = (site.now().utc - timedelta(days=7)).isoformat(timespec="milliseconds")
    with contextlib.closing(sqlite3.connect(copy)) as db:
        db.execute("UPDATE copy_made SET utc = ?", (last_week,))
        db.commit()
    file, away = site.registry.file, tmp_path / "away.db"
    site.registry.copy_into(away)
    with contextlib.closing(sqlite3.connect(away)) as db:
        db.execute("PRAGMA journal_mode = WAL")  # as the registry keeps it
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        part.unlink(missing_ok=True)
    file.write_bytes(b"x" * 8192)
    with running_door(site) as door:
        (record,) = door.wait_for("registry_copy_old")
        assert record["alarm"] == 1 and record["copy_age_ms"] >= OLD / MS
        away.replace(file)
        door.wait_for("registry_readable")
        beats = door.service.decide.beat
        until(lambda: door.service.decide.beat > beats + 3)
        assert len(door.log("registry_copy_old")) == 1

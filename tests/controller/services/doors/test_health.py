"""Figures for programs that monitor the site, from a real log, registry and state file."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from controller.journal import state
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.events import EventType
from controller.model.moment import ClockState, Moment
from controller.model.orders import ActionType
from controller.services.doors.health import Health, HealthReader
from controller.services.requests.socket_link import SocketLink
from controller.services.requests.sockets import web_socket
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import ADMIN, NOW, later


def health(site: Site, now: Moment = NOW, reader: HealthReader | None = None) -> Health:
    site.now = lambda: now
    return (reader or HealthReader(site)).read()


def report(site: Site, **fields: object) -> None:
    """The door's own state file."""
    state.write(site.config.data / "journal" / state.NAME, replace(state.ServiceState(), **fields))  # type: ignore[arg-type]


def test_site_whose_door_never_ran_has_no_figures_of_it(site: Site):
    found = health(site)
    assert (found.door_runs, found.state, found.log_writing, found.copy_age) == (False, None, False, None)
    assert found.log is not None and (found.log.newest_seq, found.log.unsealed) == (1, 0)
    assert found.registry is not None and found.registry.backup_age is None
    assert found.disk is not None and 0 < found.disk.free <= found.disk.size


def test_oldest_record_without_a_checkpoint_ages_until_it_is_sealed(site: Site):
    with DoorSide(site) as door:
        sealing = Sealing(door.journal, site.config.data / "keys", site.config.site.time_zone)
        sealing.start_log(NOW)
        sealing.seal(NOW, CheckpointCause.HOUR)
        first = door.record(EventType.SERVICE_STARTED, at=later(minutes=1))
        newest = door.record(EventType.DOOR_OPENED, at=later(minutes=3), door="entrance")
        found = health(site, later(minutes=20)).log
        assert found is not None
        assert (found.newest_seq, found.unsealed) == (newest, newest - first + 1)
        assert found.oldest_unsealed == timedelta(minutes=19)
        sealing.seal(later(minutes=20), CheckpointCause.HOUR)
        found = health(site, later(minutes=30)).log
        assert found is not None and (found.unsealed, found.oldest_unsealed) == (0, timedelta(0))


def test_log_is_written_while_the_door_says_so(site: Site):
    with DoorSide(site):
        assert not health(site).log_writing, "no state file"
        report(site)
        assert health(site).log_writing
        for failing in ("failing", "remembering"):
            report(site, journal=failing)
            assert not health(site).log_writing
        report(site)
    assert not health(site).log_writing, "nobody writes while the door does not run"


def test_age_of_the_copy_is_zero_while_it_equals_the_registry(site: Site):
    with DoorSide(site):
        reader = HealthReader(site)
        report(site, copy_utc=NOW.utc, copy_version=site.registry.version())
        assert health(site, later(hours=5), reader).copy_age == timedelta(0)
        with site.registry.write():
            pass
        found = health(site, later(hours=5, minutes=1), reader)
        assert found.copy_age == timedelta(minutes=1), "since they were equal, not since the copy"
        assert health(site, later(hours=5, minutes=1)).copy_age == timedelta(hours=5, minutes=1)


def test_age_of_the_newest_backup_counts(site: Site):
    with site.registry.write() as db:
        site.acting(ADMIN).record(db, ActionType.BACKUP_MADE, "backup")
    found = health(site, later(days=2)).registry
    assert found is not None and found.backup_age == timedelta(days=2)


@pytest.mark.parametrize(
    ("newest", "now", "expected"),
    [
        (ClockState.TRUSTED, ClockState.TRUSTED, ClockState.TRUSTED),
        (ClockState.UNTRUSTED, ClockState.TRUSTED, ClockState.TRUSTED),
        (ClockState.TRUSTED, ClockState.UNTRUSTED, ClockState.HOLDOVER),
        (ClockState.UNTRUSTED, ClockState.UNTRUSTED, ClockState.UNTRUSTED),
    ],
)
def test_clock_is_what_the_kernel_and_the_newest_record_say(
    site: Site, newest: ClockState, now: ClockState, expected: ClockState
):
    """The web process asks the kernel only; what it calls untrusted may be a holdover."""
    with DoorSide(site) as door:
        door.record(EventType.SERVICE_STARTED, at=replace(NOW, clock=newest))
        assert health(site, replace(later(minutes=1), clock=now)).clock is expected
        assert health(site, replace(later(minutes=-1), clock=now)).clock is ClockState.UNTRUSTED


@pytest.mark.parametrize(
    "damage",
    [lambda file: file.write_bytes(b""), lambda file: file.write_bytes(os.urandom(8192)), Path.unlink],
    ids=["empty", "random", "missing"],
)
def test_registry_that_cannot_be_read_leaves_the_log(site: Site, damage: Callable[[Path], object]):
    with DoorSide(site) as door:
        newest = door.record(EventType.SERVICE_STARTED)
        site.registry.close()
        damage(site.config.data / "registry" / "registry.db")
        link = SocketLink(web_socket(site.config.data))
        with Site.open_to_read(site.config, site.now, link) as reading:
            found = health(reading)
        assert found.registry is None and found.log is not None
        assert (found.log.newest_seq, found.log.alarms_open) == (newest, None)


def test_callers_within_a_second_share_one_reading(site: Site):
    reader = HealthReader(site)
    first = health(site, NOW, reader)
    assert health(site, later(milliseconds=999), reader) is first
    assert health(site, later(seconds=1), reader) is not first


def test_damaged_log_leaves_the_other_figures(site: Site):
    with DoorSide(site) as door:
        door.record(EventType.SERVICE_STARTED)
    file = site.config.data / "journal" / "journal.db"
    site.journal.close()
    file.write_bytes(b"no database" * 1000)
    found = health(site)
    assert found.log is None and found.registry is not None and found.disk is not None

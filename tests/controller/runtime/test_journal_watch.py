"""Another program holds the journal: the alarm names it, entries follow the door's policy, exits go on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from controller.journal.state import ServiceState, read
from controller.model.signals import RexEnded, RexPressed
from controller.runtime.journal_watch import POLL_S
from controller.runtime.limits import USUAL
from controller.runtime.outage import HOLDERS
from controller.services.site import Site
from tests.controller.lock_holder import Held, held_lock, read_transaction
from tests.controller.site import Door, admit, make_site, running_door
from tests.controller.step_door import StepClock

WRITE, READ = 120, 124  # the bytes that a writer and a reader of the journal lock
POLLS = int(1 / POLL_S) - 1  # within a second, whenever it begins

pytestmark = pytest.mark.process  # programs that hold locks


def shm(site: Site) -> Path:
    return site.config.data / "journal" / "journal.db-shm"


def state(site: Site) -> ServiceState:
    return read(site.config.data / "journal") or ServiceState()


def poll(door: Door) -> None:
    """As the thread does in a second."""
    for _ in range(POLLS):
        door.turns.journal_watch.turn()
    with door.turns.hanging("presence"):
        door.pass_time(0.5)


def leaves(door: Door) -> None:
    """The recording thread waits for the lock, in real time; no exit waits for that thread."""
    with door.turns.hanging("record"):
        door.pass_time(6)
        released = door.releases
        door.present("entrance-out")
        door.pass_time(6)
        for signal in (RexPressed("entrance"), RexEnded("entrance")):
            door.service.drive.post(signal)
        door.turns.settle()
        assert door.releases == released + 2
        door.pass_time(6)


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    admit(site)
    with running_door(site, limits=replace(USUAL, wal_at_most_bytes=100_000)) as door:
        door.present("entrance-in")
        door.wait_for("access_outcome")
        yield door


@pytest.mark.parametrize("kind", [Held.READ, Held.WRITE, Held.OFD_READ])
def test_lock_on_the_journal_is_an_alarm_that_names_the_program_within_a_second(
    site: Site, door: Door, kind: Held
) -> None:
    poll(door)
    assert state(site).journal_held == "ok"
    first, length = (WRITE, 1) if kind is Held.WRITE else (0, 0)  # every reader holds a lock on another byte
    with held_lock(shm(site), kind, first, length) as process:
        poll(door)
        found = state(site)
        assert (found.journal_held, found.journal, found.journal_cause) == ("lock", "failing", "locked")
        for text in (found.held_by, found.journal_detail):
            assert text is not None and text.endswith(f"({process})")
        released = door.releases
        door.present("entrance-in")
        door.turns.settle()
        assert door.releases == released
        leaves(door)
    door.wait_for("journal_recovered")
    poll(door)
    assert (state(site).journal_held, state(site).journal, state(site).held_by) == ("ok", "ok", None)
    (failed,) = door.log("journal_failed")
    assert failed["cause"] == "locked" and failed["alarm"] and f"({process})" in str(failed)
    assert [line["reason"] for line in door.log("access_denied")] == ["journal_unavailable"]
    door.present("entrance-in")
    door.wait_for("access_granted", count=3)


def test_lock_that_is_gone_at_the_next_poll_is_no_alarm(site: Site, door: Door) -> None:
    with held_lock(shm(site), Held.READ, WRITE):
        door.turns.journal_watch.turn()
        door.turns.journal_watch.turn()
    poll(door)
    assert state(site).journal_held == "ok" and door.log("journal_failed") == []


def test_transaction_that_keeps_a_large_wal_is_an_alarm_until_it_ends_and_entries_go_on(
    site: Site, door: Door
) -> None:
    wal = shm(site).with_name("journal.db-wal")
    with read_transaction(site.config.data / "journal" / "journal.db") as process:
        poll(door)
        assert state(site).journal_held == "ok", "a usual reader"
        while wal.stat().st_size <= 100_000:
            door.present("entrance-out")
            door.turns.settle()
            door.pass_time(6)
        poll(door)
        found = state(site)
        assert (found.journal_held, found.journal) == ("reading", "ok")
        assert found.held_by is not None and found.held_by.endswith(f"({process})")
        granted = len(door.log("access_granted"))
        door.present("entrance-in")
        door.wait_for("access_granted", count=granted + 1)
        (held,) = door.log("journal_held")
        assert held["alarm"] and f"({process})" in str(held)
    poll(door)
    assert state(site).journal_held == "ok"
    (released,) = door.wait_for("journal_released")
    assert released["held_ms"] > 0
    poll(door)
    assert len(door.log("journal_held")) == 1


@pytest.fixture
def door_with_a_large_wal(site: Site) -> Iterator[Door]:
    """Any is too large for it."""
    admit(site)
    with running_door(site, limits=replace(USUAL, wal_at_most_bytes=0)) as door:
        door.present("entrance-in")
        door.wait_for("access_outcome")
        yield door


def test_programs_that_read_again_and_again_are_a_few_alarms_until_a_quiet_minute(
    site: Site, door_with_a_large_wal: Door
) -> None:
    door = door_with_a_large_wal
    began = door.turns.clock.mono_ms()
    for _ in range(HOLDERS + 2):
        with held_lock(shm(site), Held.READ, READ):
            poll(door)
            assert state(site).journal_held == "reading"
        poll(door)
        ended = door.turns.clock.mono_ms()
        assert state(site).journal_held == "ok"
    assert (len(door.log("journal_held")), len(door.log("journal_released"))) == (HOLDERS, 1)
    door.pass_time(60)
    poll(door)
    first, last = door.log("journal_released")
    assert 0 < first["held_ms"] < last["held_ms"] <= ended - began
    with held_lock(shm(site), Held.READ, READ):
        poll(door)
    assert len(door.log("journal_held")) == HOLDERS + 1


def test_lock_that_moves_to_another_byte_is_the_same_alarm(site: Site, door_with_a_large_wal: Door) -> None:
    """Locks of no process, so that two programs are as one that moves it."""
    door = door_with_a_large_wal
    with held_lock(shm(site), Held.OFD_READ, READ):
        poll(door)
    with held_lock(shm(site), Held.OFD_READ, READ + 1):
        poll(door)
        assert state(site).journal_held == "reading"
        assert len(door.log("journal_held")) == 1 and door.log("journal_released") == []


@pytest.fixture
def remembering(tmp_path: Path) -> Iterator[Door]:
    text = '[doors.entrance]\nwhen_journal_fails = "remember"\n'
    with make_site(tmp_path / "data", text, clock=StepClock()) as site:
        admit(site)
        with running_door(site) as door:
            door.present("entrance-in")
            door.wait_for("access_outcome")
            yield door


def test_door_that_remembers_admits_while_the_journal_is_locked(remembering: Door) -> None:
    door = remembering
    with held_lock(shm(door.site), Held.READ, 0, 0):
        poll(door)
        door.present("entrance-in")
        door.turns.settle()
        assert door.releases == 2
        leaves(door)
    door.wait_for("journal_recovered")
    entries = [line for line in door.log("access_granted") if line["direction"] == "in"]
    assert [line.get("volatile") for line in entries] == [None, 1]

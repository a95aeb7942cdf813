"""What proves the log, as the page shows it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from controller.errors import NotPermitted
from controller.journal.seal import CheckpointCause, Sealing
from controller.model.events import EventType
from controller.model.operators import Operator
from controller.services import rights
from controller.services.acting import Acting
from controller.services.log import proof as log_proof
from controller.services.rights import Right
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW, VIEWER, later, opened_site

START, END = later(days=-23), later(days=7)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[DoorSide]:
    with opened_site(tmp_path / "data") as site, DoorSide(site) as door:
        yield door


def sealing(door: DoorSide) -> Sealing:
    config = door.site.config
    running = Sealing(door.journal, config.data / "keys", config.site.time_zone)
    running.start_log(NOW)
    return running


def month(site: Site, now: int = 8) -> log_proof.MonthProof:
    return log_proof.month(Acting(site, VIEWER, later(days=now)), date(2026, 11, 1), START.utc, END.utc)


def test_checkpoint_is_read_into_its_parts(door: DoorSide) -> None:
    signing = sealing(door)
    size = door.record(EventType.HEARTBEAT)
    signing.seal(later(hours=1), CheckpointCause.HOUR)
    proof = log_proof.proof(door.site.acting(VIEWER))
    newest = proof.newest
    assert newest is not None
    assert (newest.size, newest.utc, newest.cause) == (size, later(hours=1).utc, "hour")
    assert newest.clock == "trusted"
    assert newest.note.startswith(f"{newest.origin}\n{size}\n{newest.root}\n")
    assert proof.unsealed == 0
    door.record(EventType.HEARTBEAT)
    assert log_proof.proof(door.site.acting(VIEWER)).unsealed == 1


def test_note_of_a_newer_program_is_shown_as_far_as_it_is_known(door: DoorSide) -> None:
    proof = log_proof.read_checkpoint(
        "somewhere/else\n7\n" + "A" * 43 + "=\nnew-line x\n\n— somewhere/else AAAA\n"
    )
    assert (proof.size, proof.utc, proof.key_number, proof.cause) == (7, None, None, "")


def test_keys_come_newest_first_and_one_is_in_force(door: DoorSide) -> None:
    signing = sealing(door)
    while signing.step(later(hours=25)):
        pass
    proof = log_proof.proof(door.site.acting(VIEWER))
    numbers = [key.number for key in proof.keys]
    assert numbers == sorted(numbers, reverse=True)
    assert [key.number for key in proof.keys if key.in_force] == [numbers[0]]
    assert proof.first_key == proof.keys[-1]
    assert proof.keys[-1].cause == "started"


def test_first_key_of_a_restored_log_is_the_one_of_the_restore(door: DoorSide) -> None:
    signing = sealing(door)
    vkey = signing.restart_log(NOW)
    first = log_proof.proof(door.site.acting(VIEWER)).first_key
    assert first is not None
    assert (first.cause, first.key) == ("restored", vkey)


def test_month_is_complete_once_a_checkpoint_covers_its_last_record(door: DoorSide) -> None:
    signing = sealing(door)
    last = door.record(EventType.HEARTBEAT, later(days=1))
    assert not month(door.site).complete
    signing.seal(later(days=8), CheckpointCause.MONTH)
    door.record(EventType.HEARTBEAT, later(days=8))
    signing.seal(later(days=8), CheckpointCause.REQUESTED)
    proof = month(door.site)
    assert proof.complete
    assert proof.last_seq == last
    assert proof.sealed is not None
    assert proof.sealed.size == last, "the oldest that covers the month, not the newest"
    assert not month(door.site, now=2).complete, "it is not over"


def test_number_between_that_bears_another_date_is_counted_apart(door: DoorSide) -> None:
    door.record(EventType.HEARTBEAT)
    before = month(door.site)
    door.record(EventType.HEARTBEAT, later(days=-900))
    door.record(EventType.HEARTBEAT)
    after = month(door.site)
    assert (after.records, after.others) == (before.records + 1, before.others + 1)


def test_removed_ends_with_the_month_that_was_reported_last(door: DoorSide) -> None:
    assert log_proof.removed(door.site.acting(VIEWER)) is None
    codes: dict[str, str | int] = {"month": "2024-12", "first": 1, "last": 500, "count": 499}
    seq = door.record(EventType.MONTH_REMOVED, codes=codes)
    assert log_proof.removed(door.site.acting(VIEWER)) == log_proof.Removed(date(2025, 1, 1), 500, seq)


def test_nobody_sees_it_without_the_right_to_view_the_log(
    door: DoorSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rights.RIGHTS, VIEWER.role, frozenset({Right.VIEW_DOORS}))
    stranger: Operator = VIEWER
    for call in (
        lambda: log_proof.proof(door.site.acting(stranger)),
        lambda: log_proof.removed(door.site.acting(stranger)),
        lambda: log_proof.first_moment(door.site.acting(stranger)),
        lambda: month(door.site),
    ):
        with pytest.raises(NotPermitted):
            call()

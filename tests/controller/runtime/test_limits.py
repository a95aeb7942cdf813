"""The limits of the door as figures; each part of a door has the limits of that door."""

import contextlib
import inspect
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from controller.assembly import DoorService, run_door
from controller.commands.program import Program
from controller.runtime.limits import USUAL, Limits, StopLimits
from controller.services.site import Site

ROOT = Path(__file__).parents[3]


def test_limits_of_a_door_are_these() -> None:
    assert (
        Limits()
        == USUAL
        == Limits(
            durable_within_ms=2_000,
            journal_busy_ms=1_000,
            follower_hold_ms=800,
            pin_wait_ms=15_000,
            unlock_again_ms=10_000,
            remember_ms=1_800_000,
            remember_at_most=500,
            presence_unread_ms=30_000,
            unrecorded_at_most=10_000,
            copy_every_ms=60_000,
            copy_in_memory_bytes=16_777_216,
            reserve_bytes=67_108_864,
            wal_at_most_bytes=67_108_864,
            flapping_changes=8,
            bridge_short_lives=10,
            reader_returns=6,
            stop=StopLimits(3.0, 1.5, 2.0, 1.0, 4.0, 1.0, 1.0, 1.0, 10.0),
        )
    )


def test_steps_of_the_end_together_are_shorter_than_systemd_waits() -> None:
    stop = StopLimits()
    steps = (
        stop.log_s,
        stop.readers_s,
        stop.entries_s,
        stop.exits_s,
        stop.last_records_s,
        stop.state_s,
        stop.slow_readers_s,
    )
    assert sum(steps) == 13.5
    assert "TimeoutStopSec=15\n" in (ROOT / "deploy/genkan-door.service").read_text("utf-8")


def test_door_program_has_the_usual_limits() -> None:
    """Tests of other things are more patient (`tests.patience`); the program itself never is."""
    assert Program().limits is USUAL
    for starts in (run_door, DoorService):
        assert inspect.signature(starts).parameters["limits"].default is USUAL


def test_each_part_of_a_door_has_the_limits_of_that_door(site: Site) -> None:
    """Every figure differs from the usual one, so that a part without the door's limits is seen."""
    figures: dict[str, Any] = {
        field.name: getattr(USUAL, field.name) + number
        for number, field in enumerate(fields(Limits), 1)
        if field.name != "stop"
    }
    limits = Limits(**figures, stop=replace(USUAL.stop, exits_s=0.5))
    with contextlib.ExitStack() as stack:
        service = DoorService(site.config, stack, limits=limits)
        recorder = service.recorder
        (machine,) = service.drive._machines.values()
        reader = service.readers["entrance-in"]
        returns = reader._session._availability._return_allowance
        found = {
            "durable_within_ms": service.modes._carry_out._durable_within_ms,
            "journal_busy_ms": service._journal._writing._busy_ms,
            "follower_hold_ms": recorder._backlog._hold_ms,
            "pin_wait_ms": service.taps.pins._entry._wait_ms,
            "unlock_again_ms": service.modes._unlock_again_ms,
            "remember_ms": recorder._outage.limits.remember_ms,
            "remember_at_most": recorder._outage.limits.remember_at_most,
            "presence_unread_ms": service.live_facts._watch._unread_ms,
            "unrecorded_at_most": service.live_facts._presence._unrecorded_at_most,
            "copy_every_ms": service.last_good._limits.copy_every_ms,
            "copy_in_memory_bytes": service.last_good._limits.copy_in_memory_bytes,
            "reserve_bytes": service.reserve._size,
            "wal_at_most_bytes": service.journal_watch._wal_at_most,
            "flapping_changes": machine.settings.flapping_changes,
            "bridge_short_lives": reader._bridge.supervisor._short_lives,
            "reader_returns": round(returns._most / returns._every) + 1,
        }
    assert found == figures
    assert service._ending.within == limits.stop

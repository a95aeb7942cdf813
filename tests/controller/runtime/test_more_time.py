"""From the tap to the open door: a person who needs more time gets it, and the next person does not."""

from pathlib import Path

import pytest

from controller.model.signals import DoorClosed, DoorOpened
from tests.controller.site import STRANGER, admit, make_site, running_door
from tests.controller.step_door import StepClock
from tests.controller.unrecorded import unrecorded

HELD = "[doors.entrance]\nheld_open_warning = 3\nheld_open_alarm = 10\nheld_open_more_time = 7\n"


@pytest.mark.parametrize("reader", ["entrance-in", "entrance-out"])
def test_open_door_is_warned_of_later_for_who_needs_more_time(tmp_path: Path, reader: str) -> None:
    with make_site(tmp_path / "data", HELD, release_time=10, clock=StepClock()) as site:
        admit(site)
        with unrecorded(site.registry) as db:
            db.execute("UPDATE cardholders SET more_time = 1")
        admit(site, STRANGER, "佐藤 太郎")
        with running_door(site) as door:

            def warned_after(count: int) -> int:
                door.wait_for("access_granted", count=count)
                door.wait_for("lock_released", count=count)
                door.service.drive.post(DoorOpened("entrance"))
                warning = door.wait_for("door_held_open_warning", count=count)[-1]
                door.service.drive.post(DoorClosed("entrance"))
                door.wait_for("lock_secured", count=count)
                return int(warning["mono_ms"] - door.log("door_opened")[-1]["mono_ms"])

            door.present(reader)
            assert warned_after(1) > 9000
            door.present(reader, STRANGER)
            assert 2500 < warned_after(2) < 9000

"""From the decision to the pin and back, when the journal fails."""

from controller.model.reasons import DenyReason
from controller.services.house import House
from tests.controller.databases import blocked
from tests.controller.house import Door
from tests.waiting import until


def test_way_out_is_free_while_the_journal_cannot_be_written(door: Door, house: House):
    """Another process holds the journal: nobody is let in, everybody is let out."""
    with blocked(house.config.data):
        door.present("entrance-out")
        until(lambda: door.releases == 1)
        until(lambda: door.level == 0)
        door.present("entrance-in")
        until(lambda: door.service.readers["entrance-in"].shown == ["refused"])
        assert door.releases == 1
    denied = door.wait_for("access_denied")[0]
    assert denied["reason"] == DenyReason.JOURNAL_UNAVAILABLE

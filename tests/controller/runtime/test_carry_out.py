"""From the decision to the pin and back, when the journal fails."""

from controller.model.credentials import Assurance
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.signals import CardPresented
from controller.services.site import Site
from tests.controller.databases import blocked
from tests.controller.site import BADGE, Door, admit, running_door
from tests.waiting import until


def test_way_out_is_free_while_the_journal_cannot_be_written(door: Door, site: Site):
    """Another process holds the journal: the door admits nobody, and everyone can leave."""
    with blocked(site.config.data):
        door.present("entrance-out")
        until(lambda: door.releases == 1)
        until(lambda: door.level == 0)
        door.present("entrance-in")
        until(lambda: door.service.readers["entrance-in"].indications == ["refused"])
        assert door.releases == 1
    denied = door.wait_for("access_denied")[0]
    assert denied["reason"] == DenyReason.JOURNAL_UNAVAILABLE


def test_what_a_card_said_is_known_after_a_restart_also_where_the_log_failed_at_that_moment(site: Site):
    """A recording from before that tap must not open."""
    admit(site)
    recorded, earlier = (
        CardPresented("entrance-in", BADGE, Assurance.CARD_KEY, reading=CardReading("a1" * 16, counter))
        for counter in (7, 6)
    )
    with running_door(site) as door:
        with blocked(site.config.data):
            door.service.on_reader_signal(recorded)
            until(lambda: door.service.readers["entrance-in"].indications == ["refused"])
        denied = door.wait_for("access_denied")[0]
        assert (denied["reason"], denied["reading"]) == ("journal_unavailable", 7)
    with running_door(site) as door:
        door.service.on_reader_signal(earlier)
        assert door.wait_for("access_denied", count=2)[1]["reason"] == "card_replayed"
        assert door.releases == 0 and not door.log("access_granted")

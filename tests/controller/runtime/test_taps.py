"""Cards at a running door: each tap is decided as the registry is at that moment."""

from datetime import timedelta

from controller.model.operators import MACHINE
from controller.model.reasons import DenyReason
from controller.model.signals import CardPresented, CardRefused
from controller.model.unproved import Unproved
from controller.services.acting import Acting
from controller.services.doors import orders
from controller.services.people import badges, people
from controller.services.site import Site
from tests.controller.site import BADGE, STRANGER, Door, admit, running_door
from tests.waiting import until


def test_lost_badge_is_refused_from_the_next_tap_on(door: Door, site: Site):
    badge = badges.find_by_number(site.acting(MACHINE), BADGE.hex)
    badges.report_lost(site.acting(MACHINE), badge.id, "left on a train")
    door.present("entrance-in")
    assert door.wait_for("access_denied")[0]["reason"] == "credential_lost"


def test_suspended_person_is_refused_and_admitted_again_when_resumed(door: Door, site: Site):
    person = people.search(site.acting(MACHINE)).people[0]
    people.suspend(site.acting(MACHINE), person.id)
    door.present("entrance-in")
    assert door.wait_for("access_denied")[0]["reason"] == "cardholder_suspended"
    people.resume(site.acting(MACHINE), person.id)
    door.present("entrance-in")
    door.wait_for("access_granted")


def test_unknown_card_is_recorded_by_its_last_four_and_grows_no_table(door: Door, site: Site):
    door.present("entrance-in", STRANGER)
    denied = door.wait_for("access_denied")[0]
    assert (denied["reason"], denied["badge"], denied["person"]) == (
        "credential_unknown",
        STRANGER.last_four,
        None,
    )
    assert len(badges.search(site.acting(MACHINE)).badges) == 1
    assert STRANGER.hex not in str(door.log())
    assert door.releases == 0


def test_half_issued_card_is_not_learned_and_the_order_says_why(door: Door, site: Site):
    orders.learn_badge(site.acting(MACHINE), "entrance-in")
    door.service.on_reader_signal(CardPresented("entrance-in", STRANGER, unproved=Unproved.HALF_ISSUED))
    assert door.wait_for("order_refused")[0]["reason"] == "card_half_issued"
    assert not door.log("order_done")


def test_phone_is_refused_inward_with_its_reason_and_let_out(door: Door):
    door.service.on_reader_signal(CardRefused("entrance-in", DenyReason.CARD_NUMBER_RANDOM))
    assert door.wait_for("access_denied")[0]["reason"] == "card_number_random"
    assert door.releases == 0
    door.service.on_reader_signal(CardRefused("entrance-out", DenyReason.CARD_NUMBER_RANDOM))
    until(lambda: door.releases == 1)


def test_expired_badge_stays_expired_when_the_clock_is_set_back(site: Site):
    """The newest durable time judges validity, not the clock somebody set."""
    badge = admit(site)
    now = site.now()
    yesterday = (now.utc - timedelta(days=2)).date()
    badges.edit(Acting(site, MACHINE, now), badge, None, yesterday)
    with running_door(site) as door:
        door.present("entrance-in")
        assert door.wait_for("access_denied")[0]["reason"] == "credential_expired"
        clock = door.service.clock
        back = clock.judge(now.utc - timedelta(days=365), now.mono_ms)
        assert back.judged_utc >= now.utc

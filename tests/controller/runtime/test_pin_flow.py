"""Card and PIN, from the tap: a running door, and the decide thread at moments the test gives."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.model.actions import RecordEvent
from controller.model.credentials import Assurance
from controller.model.operators import MACHINE
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, DoorRules, RuleBook
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.model.signals import CardPresented, CardRefused
from controller.model.unproved import Unproved
from controller.services.people import badges
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.runtime.decide_thread import (
    DURESS,
    OTHER,
    PIN,
    WRONG,
    DecideThread,
    indications,
    key_in,
    require_pins,
    with_pin,
)
from tests.controller.site import BADGE, STRANGER, Door, running_door
from tests.waiting import until

WAIT_MS = 15_000


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    with_pin(site)
    require_pins(site)
    with running_door(site) as door:
        yield door


def test_card_and_then_its_pin_release_the_lock(door: Door):
    door.present("entrance-in")
    until(lambda: indications(door) == ["enter_pin"])
    assert door.releases == 0 and door.log("access_granted", "access_denied") == []
    key_in(door, PIN)
    granted = door.wait_for("access_granted")[0]
    until(lambda: door.releases == 1)
    assert granted["pin"] == "right" and door.log("access_denied", "duress") == []
    until(lambda: indications(door) == ["enter_pin", "granted"])


def test_pin_and_then_its_card_release_the_lock(door: Door):
    key_in(door, PIN)
    door.present("entrance-in")
    door.wait_for("access_granted")
    until(lambda: indications(door))
    assert indications(door)[0] == "granted"


def test_wrong_pin_is_refused_and_recorded_as_such(door: Door):
    door.present("entrance-in")
    key_in(door, WRONG)
    assert door.wait_for("access_denied")[0]["reason"] == "pin_wrong"
    until(lambda: indications(door) == ["enter_pin", "refused"])
    assert door.releases == 0
    key_in(door, PIN)  # no card waits any more: this one is for the next
    door.present("entrance-in")
    door.wait_for("access_granted")


def test_duress_pin_opens_as_ever_and_calls_for_help_in_the_log_alone(door: Door):
    """No sign of it at the door; the alarm is recorded beside the grant."""
    door.present("entrance-in")
    key_in(door, PIN)
    usual = door.wait_for("access_granted")[0]
    seen_usually = until(lambda: len(indications(door)) == 2 and list(indications(door)))
    indications(door).clear()
    door.present("entrance-in")
    key_in(door, DURESS)
    forced = door.wait_for("access_granted", count=2)[1]
    until(lambda: len(indications(door)) == 2)
    assert indications(door) == seen_usually
    apart = {"seq", "utc", "mono_ms"}
    assert {k: v for k, v in forced.items() if k not in apart} == {
        k: v for k, v in usual.items() if k not in apart
    }
    alarm = door.wait_for("duress")[0]
    assert (alarm["alarm"], alarm["person"], alarm["badge"]) == (1, "山田 花子", BADGE.last_four)


def test_outward_nobody_is_asked_for_a_pin(door: Door):
    key_in(door, WRONG, "entrance-out")
    door.present("entrance-out")
    until(lambda: door.releases == 1)
    assert door.wait_for("access_granted")[0]["direction"] == "out"
    until(lambda: indications(door, "entrance-out") == ["granted"])


def test_card_that_would_be_refused_anyway_is_not_asked_for_its_pin(door: Door):
    door.present("entrance-in", STRANGER)
    assert door.wait_for("access_denied")[0]["reason"] == "credential_unknown"
    until(lambda: indications(door) == ["refused"])


def test_badge_reported_lost_while_its_pin_is_keyed_in_opens_nothing(door: Door, site: Site):
    door.present("entrance-in")
    until(lambda: indications(door) == ["enter_pin"])
    badge = badges.find_by_number(site.acting(MACHINE), BADGE.hex)
    badges.report_lost(site.acting(MACHINE), badge.id, "stolen")
    key_in(door, PIN)
    assert door.wait_for("access_denied")[0]["reason"] == "credential_lost"
    assert door.releases == 0


def test_two_people_of_dual_access_key_in_a_pin_each(site: Site):
    with_pin(site)
    with_pin(site, OTHER, "佐藤 愛")
    dual = {RuleName.DUAL_ACCESS: DualAccessSetting(RuleMode.ENFORCE, 60)}
    book = RuleBook(doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN, rules=dual)})
    rule_books.publish(site.acting(MACHINE), book, "")
    with running_door(site) as door:
        until(lambda: door.service.live_facts.facts.presence is not None)
        door.present("entrance-in")
        key_in(door, DURESS)
        assert door.wait_for("access_waiting")[0]["reason"] == "second_person_needed"
        assert door.wait_for("duress")[0]["person"] == "山田 花子", "called for before the second has come"
        door.present("entrance-in", OTHER)
        key_in(door, PIN)
        granted = door.wait_for("access_granted", count=2)
        assert [(line["person"], line["pin"]) for line in granted] == [
            ("山田 花子", "right"),
            ("佐藤 愛", "right"),
        ]
        assert len(door.log("duress")) == 1


def test_card_that_still_waits_when_the_door_service_stops_is_recorded(site: Site):
    with_pin(site)
    require_pins(site)
    with running_door(site) as door:
        door.present("entrance-in")
        until(lambda: indications(door) == ["enter_pin"])
    assert [line["reason"] for line in door.log("access_denied")] == ["pin_required"]


def test_pin_keyed_in_before_a_phone_is_gone_with_it(thread: DecideThread):
    thread.key_in(PIN)
    phone = CardRefused("entrance-in", DenyReason.CARD_NUMBER_RANDOM, None)
    thread.decide.handle(phone, thread.now)
    thread.card()
    assert thread.results[-1] == "enter_pin"


def test_another_card_replaces_the_one_that_waits(thread: DecideThread):
    thread.card()
    thread.card(OTHER)
    assert thread.results == ["enter_pin", "pin_required", "enter_pin"]
    thread.key_in(PIN)
    assert thread.results == ["granted"]
    thread.wait(WAIT_MS + 50)
    assert thread.results == []


def sun_tap(counter: int, key: str = "a1" * 16) -> CardPresented:
    return CardPresented("entrance-in", BADGE, Assurance.CARD_KEY, reading=CardReading(key, counter))


@pytest.mark.parametrize(
    "again",
    [
        CardPresented("entrance-in", BADGE, unproved=Unproved.LEFT),
        CardPresented("entrance-in", BADGE, unproved=Unproved.WRONG),
        sun_tap(6),
        sun_tap(1, "b2" * 16),
    ],
)
def test_what_a_waiting_card_said_is_recorded_when_the_same_one_comes_again_and_does_not_outdo_it(
    thread: DecideThread, again: CardPresented
):
    """Otherwise a person who recorded it could replay it after a restart."""
    thread.decide.handle(sun_tap(7), thread.now)
    thread.decide.handle(again, thread.now)
    recorded = [one.event for one in thread.actions if isinstance(one, RecordEvent) and one.event.result]
    assert recorded[0].reading == CardReading("a1" * 16, 7) and recorded[0].codes["reading"] == 7
    assert recorded[0].reason == "pin_required"


def test_next_reading_of_a_waiting_card_speaks_for_the_one_before(thread: DecideThread):
    thread.decide.handle(sun_tap(7), thread.now)
    thread.decide.handle(sun_tap(8), thread.now)
    assert thread.results == ["enter_pin", "enter_pin"]
    thread.wait(WAIT_MS + 50)
    (recorded,) = [one.event for one in thread.actions if isinstance(one, RecordEvent)]
    assert recorded.reading == CardReading("a1" * 16, 8)


def test_door_that_stops_asking_admits_nobody_who_has_left(site: Site, thread: DecideThread):
    thread.card()
    require_pins(site, DoorMode.CARD)
    thread.wait(WAIT_MS + 50)
    assert thread.results == ["enter_pin", "pin_required", "refused"]
    thread.card()
    assert thread.results == ["granted"]


def test_registry_that_fails_while_the_pin_is_keyed_in_refuses(site: Site, thread: DecideThread):
    thread.card()
    assert thread.results == ["enter_pin"]
    assert thread.registry.lookup is not None
    with contextlib.closing(thread.registry.lookup):
        thread.registry.lookup = None
        thread.key_in(PIN)
        assert thread.results == ["registry_unavailable", "refused"]
        thread.registry.reopen(thread.now)


def test_registry_copy_of_the_door_checks_pins_as_well(site: Site, tmp_path: Path):
    with_pin(site)
    require_pins(site)
    registry = site.config.data / "registry" / "registry.db"
    with running_door(site) as door:
        until(lambda: (site.config.data / "journal" / "last_good" / "registry.db").exists())
        until(lambda: door.service.last_good.copied_at())
        registry.rename(registry.with_name("aside.db"))
    with running_door(site) as door:
        door.present("entrance-in")
        key_in(door, PIN)
        assert door.wait_for("access_granted")[0]["registry_copy"] == 1
        registry.with_name("aside.db").rename(registry)

"""Which PIN counts for which card, how long each waits, and how often a wrong one is checked."""

import itertools

from controller.model.actions import RecordEvent
from controller.model.operators import MACHINE
from controller.model.signals import PinEntered
from controller.services.acting import Acting
from controller.services.people import people, pins
from controller.services.site import Site
from tests.controller.runtime.decide_thread import (
    OTHER,
    PIN,
    WRONG,
    DecideThread,
    indications,
    key_in,
    require_pins,
    with_pin,
)
from tests.controller.site import BADGE, STRANGER, running_door
from tests.waiting import until

WAIT_MS = 15_000


def test_tries_are_counted_over_a_restart_and_the_right_pin_is_not_checked(site: Site):
    with_pin(site)
    with_pin(site, OTHER, "佐藤 愛")
    require_pins(site)
    with running_door(site) as door:
        for _ in range(5):
            door.present("entrance-in")
            key_in(door, WRONG)
        assert [line["reason"] for line in door.wait_for("access_denied", count=5)] == ["pin_wrong"] * 5
    with running_door(site) as door:
        door.present("entrance-in")
        key_in(door, PIN)
        assert door.wait_for("access_denied", count=6)[5]["reason"] == "pin_locked"
        door.present("entrance-in", OTHER)
        assert door.wait_for("access_denied", count=7)[6]["reason"] == "pin_locked", (
            "the reader is locked too"
        )
        until(lambda: indications(door) == ["refused", "refused"])
        assert door.log("access_granted") == [] and door.releases == 0


def test_nobody_keys_in_and_it_is_recorded_once(thread: DecideThread):
    thread.card()
    thread.wait(WAIT_MS)
    assert thread.results == ["enter_pin"]
    thread.wait(50)
    thread.wait(WAIT_MS)
    assert thread.results == ["pin_required", "refused"]
    thread.key_in(PIN)
    assert thread.results == []


def test_pin_beforehand_is_kept_for_fifteen_seconds_and_for_one_card(thread: DecideThread):
    thread.key_in(PIN)
    thread.wait(WAIT_MS)
    thread.card()
    assert thread.results == ["granted"]
    thread.card()
    assert thread.results == ["enter_pin"]
    thread.wait(WAIT_MS + 50)
    assert thread.results == ["pin_required", "refused"]
    thread.key_in(PIN)
    thread.wait(WAIT_MS + 50)
    thread.card()
    assert thread.results == ["enter_pin"]


def test_pin_keyed_in_too_late_for_one_badge_is_never_the_next_ones(thread: DecideThread):
    """The first is refused, keys in again and walks away; the second is asked for a PIN of their own."""
    thread.card()
    thread.key_in(WRONG)
    thread.key_in(PIN)
    thread.card(OTHER)
    assert thread.results == ["enter_pin", "pin_wrong", "refused", "enter_pin"]
    thread.key_in(PIN)
    assert thread.results == ["granted"]
    thread.key_in(WRONG)
    thread.card()
    assert thread.results == ["enter_pin"], "neither behind a badge that was let in"


def test_pin_keyed_in_behind_a_refused_badge_counts_when_that_badge_is_presented_again(thread: DecideThread):
    thread.card()
    thread.key_in(WRONG)
    thread.key_in(PIN)
    thread.card()
    assert thread.results == ["enter_pin", "pin_wrong", "refused", "granted"]


def test_pin_first_is_for_any_badge_once_the_one_before_is_fifteen_seconds_past(thread: DecideThread):
    thread.card(OTHER)
    thread.key_in(PIN)
    thread.wait(WAIT_MS + 1)
    thread.key_in(PIN)
    thread.card()
    assert thread.results == ["enter_pin", "granted", "granted"]


def test_pin_beforehand_is_gone_with_a_card_that_needed_none(thread: DecideThread):
    thread.key_in(PIN)
    thread.card(STRANGER)
    thread.card()
    assert thread.results == ["credential_unknown", "refused", "enter_pin"]


def test_same_card_held_there_again_waits_again(thread: DecideThread):
    thread.card()
    thread.wait(WAIT_MS - 100)
    thread.card()
    thread.wait(WAIT_MS - 100)
    thread.key_in(PIN)
    assert thread.results == ["enter_pin", "enter_pin", "granted"]


def test_cards_wait_at_each_reader_for_themselves(thread: DecideThread):
    thread.card()
    thread.key_in(PIN, "second-in")
    assert thread.results == ["enter_pin"]
    thread.card(OTHER, "second-in")
    assert thread.results == ["granted"]


def test_person_without_a_pin_is_refused_immediately(site: Site, thread: DecideThread):
    (person,) = people.named(site.acting(MACHINE), "佐藤 愛")
    pins.remove(site.acting(MACHINE), person.id)
    thread.card(OTHER)
    recorded = [action.event for action in thread.actions if isinstance(action, RecordEvent)]
    (event,) = [event for event in recorded if event.result]
    assert (event.reason, event.codes["pin"]) == ("pin_required", "not_set")


def test_thousand_wrong_pins_are_checked_as_seldom_as_promised(thread: DecideThread):
    """One badge at one reader, keyed in as fast as it goes; elsewhere everybody passes."""
    looked_at: list[int] = []
    began = thread.now.mono_ms
    for _ in range(1000):
        thread.card()
        thread.key_in(WRONG)
        results = thread.results
        if "pin_wrong" in results:
            looked_at.append(thread.now.mono_ms - began)
        else:
            assert results == ["pin_locked", "refused"]
        thread.wait(10_000)
    assert looked_at[:5] == [0, 10_000, 20_000, 30_000, 40_000]
    pauses = [after - before for before, after in itertools.pairwise(looked_at[4:])]
    assert pauses[:4] == [60_000, 120_000, 240_000, 480_000] and set(pauses[4:]) == {900_000}
    thread.card(OTHER, "second-in")
    thread.key_in(PIN, "second-in")
    assert thread.results[-1] == "granted"
    thread.card(BADGE, "second-in")
    assert thread.results == ["pin_locked", "refused"], "the badge is locked at every reader"


def test_new_pin_frees_the_badge_and_one_slip_later_shuts_nobody_out(site: Site, thread: DecideThread):
    for _ in range(5):
        thread.card()
        thread.key_in(WRONG)
    thread.wait(12 * 60_000)
    (person,) = people.named(site.acting(MACHINE), "山田 花子")
    pins.set_pin(Acting(site, MACHINE, thread.now), person.id, "836105", "836105")
    assert thread.results.count("pin_wrong") == 5
    thread.card()
    thread.key_in(WRONG)
    assert thread.results[-2:] == ["pin_wrong", "refused"]
    thread.card(OTHER)
    thread.key_in(PIN)
    assert thread.results[-1] == "granted"
    thread.card()
    thread.key_in("836105")
    assert thread.results[-1] == "granted"


def test_digits_are_in_no_repr(thread: DecideThread):
    thread.key_in(PIN)
    assert PIN not in repr(PinEntered("entrance-in", PIN)) + repr(vars(thread.pin_entry))

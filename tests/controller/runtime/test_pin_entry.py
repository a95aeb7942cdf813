"""Card and PIN, from the tap: a running door, and the decide thread's own work at moments the test says."""

import contextlib
import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from controller.decision.decision import Decision
from controller.model.access import Direction
from controller.model.actions import DecisionAction, RecordEvent, RecordThenRelease, Show
from controller.model.credentials import Assurance, CardNumber
from controller.model.events import Event
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.model.readings import CardReading
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, DoorRules, RuleBook
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.model.signals import CardPresented, CardRefused, PinEntered
from controller.model.unproved import Unproved
from controller.registry.card_hash import card_hash
from controller.registry.lookup import Lookup
from controller.runtime.clock import Clock
from controller.runtime.decide import Decide, ReaderLocation
from controller.runtime.door_modes import DoorModes
from controller.runtime.last_good import LastGood
from controller.runtime.live_facts import LiveFacts
from controller.runtime.orders import Orders
from controller.runtime.pin_entry import PinEntry
from controller.runtime.presence import LivePresence
from controller.runtime.presence_reader import PresenceReader
from controller.runtime.presence_watch import PresenceWatch
from controller.runtime.read_counters import ReadCounters
from controller.services.acting import Acting
from controller.services.people import badges, people, pins
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.decision.samples import TOKYO
from tests.controller.house import BADGE, STRANGER, Door, admit, running_door
from tests.sample_house import moved
from tests.waiting import until

WAIT_MS = 15_000
PIN, DURESS, WRONG = "204867", "739155", "519264"
OTHER = CardNumber.parse("01 14 B3 4D 00 00 E5 F6")


def ask_for_pins(house: Site, mode: DoorMode = DoorMode.CARD_PIN) -> None:
    book = RuleBook(doors={"entrance": DoorRules("entrance", mode)})
    rule_books.publish(house.acting(MACHINE), book, "")


def with_pin(house: Site, number: CardNumber = BADGE, name: str = "山田 花子", duress: bool = True) -> str:
    admit(house, number, name)
    (person,) = people.with_name(house.acting(MACHINE), name)
    pins.set_pin(house.acting(MACHINE), person.id, PIN, PIN)
    if duress:
        pins.set_duress(house.acting(MACHINE), person.id, DURESS, DURESS)
    return person.id


@pytest.fixture
def door(house: Site) -> Iterator[Door]:
    with_pin(house)
    ask_for_pins(house)
    with running_door(house) as door:
        yield door


def key_in(door: Door, digits: str, reader: str = "entrance-in") -> None:
    door.service.on_reader_signal(PinEntered(reader, digits))


def shown(door: Door, reader: str = "entrance-in") -> list[str]:
    return door.service.readers[reader].shown  # type: ignore[attr-defined,no-any-return]


def test_card_and_then_its_pin_release_the_lock(door: Door):
    door.present("entrance-in")
    until(lambda: shown(door) == ["enter_pin"])
    assert door.releases == 0 and door.log("access_granted", "access_denied") == []
    key_in(door, PIN)
    granted = door.wait_for("access_granted")[0]
    until(lambda: door.releases == 1)
    assert granted["pin"] == "right" and door.log("access_denied", "duress") == []
    until(lambda: shown(door) == ["enter_pin", "granted"])


def test_pin_and_then_its_card_release_the_lock(door: Door):
    key_in(door, PIN)
    door.present("entrance-in")
    door.wait_for("access_granted")
    until(lambda: shown(door))
    assert shown(door)[0] == "granted"


def test_wrong_pin_is_refused_and_recorded_as_such(door: Door):
    door.present("entrance-in")
    key_in(door, WRONG)
    assert door.wait_for("access_denied")[0]["reason"] == "pin_wrong"
    until(lambda: shown(door) == ["enter_pin", "refused"])
    assert door.releases == 0
    key_in(door, PIN)  # no card waits any more: this one is for the next
    door.present("entrance-in")
    door.wait_for("access_granted")


def test_duress_pin_opens_as_ever_and_calls_for_help_in_the_log_alone(door: Door):
    """No sign of it at the door; the alarm is recorded beside the grant."""
    door.present("entrance-in")
    key_in(door, PIN)
    usual = door.wait_for("access_granted")[0]
    seen_usually = until(lambda: len(shown(door)) == 2 and list(shown(door)))
    shown(door).clear()
    door.present("entrance-in")
    key_in(door, DURESS)
    forced = door.wait_for("access_granted", count=2)[1]
    until(lambda: len(shown(door)) == 2)
    assert shown(door) == seen_usually
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
    until(lambda: shown(door, "entrance-out") == ["granted"])


def test_card_that_would_be_refused_anyway_is_not_asked_for_its_pin(door: Door):
    door.present("entrance-in", STRANGER)
    assert door.wait_for("access_denied")[0]["reason"] == "credential_unknown"
    until(lambda: shown(door) == ["refused"])


def test_badge_reported_lost_while_its_pin_is_keyed_in_opens_nothing(door: Door, house: Site):
    door.present("entrance-in")
    until(lambda: shown(door) == ["enter_pin"])
    badge = badges.find_by_number(house.acting(MACHINE), BADGE.hex)
    badges.lost(house.acting(MACHINE), badge.id, "stolen")
    key_in(door, PIN)
    assert door.wait_for("access_denied")[0]["reason"] == "credential_lost"
    assert door.releases == 0


def test_tries_are_counted_over_a_restart_and_the_right_pin_is_not_looked_at(house: Site):
    with_pin(house)
    with_pin(house, OTHER, "佐藤 愛")
    ask_for_pins(house)
    with running_door(house) as door:
        for _ in range(5):
            door.present("entrance-in")
            key_in(door, WRONG)
        assert [line["reason"] for line in door.wait_for("access_denied", count=5)] == ["pin_wrong"] * 5
    with running_door(house) as door:
        door.present("entrance-in")
        key_in(door, PIN)
        assert door.wait_for("access_denied", count=6)[5]["reason"] == "pin_locked"
        door.present("entrance-in", OTHER)
        assert door.wait_for("access_denied", count=7)[6]["reason"] == "pin_locked", (
            "the reader is locked too"
        )
        until(lambda: shown(door) == ["refused", "refused"])
        assert door.log("access_granted") == [] and door.releases == 0


def test_two_people_of_dual_access_key_in_a_pin_each(house: Site):
    with_pin(house)
    with_pin(house, OTHER, "佐藤 愛")
    dual = {RuleName.DUAL_ACCESS: DualAccessSetting(RuleMode.ENFORCE, 60)}
    book = RuleBook(doors={"entrance": DoorRules("entrance", DoorMode.CARD_PIN, rules=dual)})
    rule_books.publish(house.acting(MACHINE), book, "")
    with running_door(house) as door:
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


def test_card_that_still_waits_when_the_door_service_stops_is_recorded(house: Site):
    with_pin(house)
    ask_for_pins(house)
    with running_door(house) as door:
        door.present("entrance-in")
        until(lambda: shown(door) == ["enter_pin"])
    assert [line["reason"] for line in door.log("access_denied")] == ["pin_required"]


class Thread:
    """The decide thread without its thread: what it does at moments the test says is kept."""

    def __init__(self, house: Site) -> None:
        self.actions: list[DecisionAction] = []
        self.now: Moment = moved(house.now(), milliseconds=1)  # the PINs were set before
        file = house.config.data / "registry" / "registry.db"
        presence = LivePresence(PresenceReader(house.config.data / "journal" / "journal.db"))
        floor = LiveFacts(TOKYO, {}, presence, PresenceWatch(dict))
        clock = Clock()
        self.decide = Decide(
            locations={
                "entrance-in": ReaderLocation("entrance", "entrance-in", Direction.IN),
                "second-in": ReaderLocation("entrance", "entrance-in", Direction.IN),
            },
            open_lookup=partial(Lookup, file),
            hash_number=partial(card_hash, house.key),
            decision=Decision(floor.facts),
            carry_out=self,  # type: ignore[arg-type]
            orders=Orders(self, lambda signal: None, {}, {}),  # type: ignore[arg-type]
            registry_changed=lambda version: None,
            clock=clock,
            orders_done=lambda registry: (),
            last_good=LastGood(partial(Lookup, file), house.config.data / "copy.db", clock.now, lambda: None),
            registry_state=lambda state, made: None,
            live_facts=floor,
            modes=DoorModes({"entrance": ("entrance-in",)}, self, lambda door: (False, False)),  # type: ignore[arg-type]
            pins=PinEntry(house.key, list),
            counters=ReadCounters(dict),
        )
        self.decide._reopen(self.now)

    def perform(self, actions: list[DecisionAction]) -> None:
        self.actions += actions

    def record(self, event: Event) -> None:
        self.actions.append(RecordEvent(event))

    def card(self, number: CardNumber = BADGE, reader: str = "entrance-in") -> None:
        self.decide.handle(CardPresented(reader, number), self.now)

    def key_in(self, digits: str, reader: str = "entrance-in") -> None:
        self.decide.handle(PinEntered(reader, digits), self.now)

    def wait(self, ms: int) -> None:
        self.now = replace(
            self.now, mono_ms=self.now.mono_ms + ms, utc=self.now.utc + timedelta(milliseconds=ms)
        )
        self.decide.tick(self.now)

    @property
    def said(self) -> list[str]:
        """Reasons of refusals, "granted", and what readers showed."""
        found = []
        for action in self.actions:
            match action:
                case RecordThenRelease():
                    found.append("granted")
                case RecordEvent(event) if event.result == "denied":
                    found.append(event.reason or "")
                case Show(_, indication):
                    found.append(indication.value)
        self.actions.clear()
        return found


@pytest.fixture
def thread(house: Site) -> Iterator[Thread]:
    with_pin(house)
    with_pin(house, OTHER, "佐藤 愛")
    ask_for_pins(house)
    thread = Thread(house)
    yield thread
    assert thread.decide._lookup is not None
    thread.decide._lookup.close()


def test_nobody_keys_in_and_it_is_recorded_once(thread: Thread):
    thread.card()
    thread.wait(WAIT_MS)
    assert thread.said == ["enter_pin"]
    thread.wait(50)
    thread.wait(WAIT_MS)
    assert thread.said == ["pin_required", "refused"]
    thread.key_in(PIN)
    assert thread.said == []


def test_pin_beforehand_is_kept_for_fifteen_seconds_and_for_one_card(thread: Thread):
    thread.key_in(PIN)
    thread.wait(WAIT_MS)
    thread.card()
    assert thread.said == ["granted"]
    thread.card()
    assert thread.said == ["enter_pin"]
    thread.wait(WAIT_MS + 50)
    assert thread.said == ["pin_required", "refused"]
    thread.key_in(PIN)
    thread.wait(WAIT_MS + 50)
    thread.card()
    assert thread.said == ["enter_pin"]


def test_pin_keyed_in_too_late_for_one_badge_is_never_the_next_ones(thread: Thread):
    """The first is refused, keys in again and walks away; the second is asked for a PIN of their own."""
    thread.card()
    thread.key_in(WRONG)
    thread.key_in(PIN)
    thread.card(OTHER)
    assert thread.said == ["enter_pin", "pin_wrong", "refused", "enter_pin"]
    thread.key_in(PIN)
    assert thread.said == ["granted"]
    thread.key_in(WRONG)
    thread.card()
    assert thread.said == ["enter_pin"], "neither behind a badge that was let in"


def test_pin_keyed_in_behind_a_refused_badge_counts_when_that_badge_is_presented_again(thread: Thread):
    thread.card()
    thread.key_in(WRONG)
    thread.key_in(PIN)
    thread.card()
    assert thread.said == ["enter_pin", "pin_wrong", "refused", "granted"]


def test_pin_first_is_for_any_badge_once_the_one_before_is_fifteen_seconds_past(thread: Thread):
    thread.card(OTHER)
    thread.key_in(PIN)
    thread.wait(WAIT_MS + 1)
    thread.key_in(PIN)
    thread.card()
    assert thread.said == ["enter_pin", "granted", "granted"]


def test_pin_keyed_in_before_a_phone_is_gone_with_it(thread: Thread):
    thread.key_in(PIN)
    phone = CardRefused("entrance-in", DenyReason.CARD_NUMBER_RANDOM, None)
    thread.decide.handle(phone, thread.now)
    thread.card()
    assert thread.said[-1] == "enter_pin"


def test_pin_beforehand_is_gone_with_a_card_that_needed_none(thread: Thread):
    thread.key_in(PIN)
    thread.card(STRANGER)
    thread.card()
    assert thread.said == ["credential_unknown", "refused", "enter_pin"]


def test_another_card_replaces_the_one_that_waits(thread: Thread):
    thread.card()
    thread.card(OTHER)
    assert thread.said == ["enter_pin", "pin_required", "enter_pin"]
    thread.key_in(PIN)
    assert thread.said == ["granted"]
    thread.wait(WAIT_MS + 50)
    assert thread.said == []


def test_same_card_held_there_again_waits_anew(thread: Thread):
    thread.card()
    thread.wait(WAIT_MS - 100)
    thread.card()
    thread.wait(WAIT_MS - 100)
    thread.key_in(PIN)
    assert thread.said == ["enter_pin", "enter_pin", "granted"]


def said_by_the_card(counter: int, key: str = "a1" * 16) -> CardPresented:
    return CardPresented("entrance-in", BADGE, Assurance.CARD_KEY, reading=CardReading(key, counter))


@pytest.mark.parametrize(
    "again",
    [
        CardPresented("entrance-in", BADGE, unproved=Unproved.LEFT),
        CardPresented("entrance-in", BADGE, unproved=Unproved.WRONG),
        said_by_the_card(6),
        said_by_the_card(1, "b2" * 16),
    ],
)
def test_what_a_waiting_card_said_is_recorded_when_the_same_one_comes_again_and_does_not_outdo_it(
    thread: Thread, again: CardPresented
):
    """Otherwise a person who recorded it could replay it after a restart."""
    thread.decide.handle(said_by_the_card(7), thread.now)
    thread.decide.handle(again, thread.now)
    recorded = [one.event for one in thread.actions if isinstance(one, RecordEvent) and one.event.result]
    assert recorded[0].reading == CardReading("a1" * 16, 7) and recorded[0].codes["reading"] == 7
    assert recorded[0].reason == "pin_required"


def test_next_reading_of_a_waiting_card_speaks_for_the_one_before(thread: Thread):
    thread.decide.handle(said_by_the_card(7), thread.now)
    thread.decide.handle(said_by_the_card(8), thread.now)
    assert thread.said == ["enter_pin", "enter_pin"]
    thread.wait(WAIT_MS + 50)
    (recorded,) = [one.event for one in thread.actions if isinstance(one, RecordEvent)]
    assert recorded.reading == CardReading("a1" * 16, 8)


def test_cards_wait_at_each_reader_for_themselves(thread: Thread):
    thread.card()
    thread.key_in(PIN, "second-in")
    assert thread.said == ["enter_pin"]
    thread.card(OTHER, "second-in")
    assert thread.said == ["granted"]


def test_door_that_stops_asking_lets_nobody_in_who_has_left(house: Site, thread: Thread):
    thread.card()
    ask_for_pins(house, DoorMode.CARD)
    thread.wait(WAIT_MS + 50)
    assert thread.said == ["enter_pin", "pin_required", "refused"]
    thread.card()
    assert thread.said == ["granted"]


def test_person_without_a_pin_is_refused_at_once(house: Site, thread: Thread):
    (person,) = people.with_name(house.acting(MACHINE), "佐藤 愛")
    pins.remove(house.acting(MACHINE), person.id)
    thread.card(OTHER)
    recorded = [action.event for action in thread.actions if isinstance(action, RecordEvent)]
    (event,) = [event for event in recorded if event.result]
    assert (event.reason, event.codes["pin"]) == ("pin_required", "not_set")


def test_thousand_wrong_pins_are_looked_at_as_seldom_as_promised(thread: Thread):
    """One badge at one reader, keyed in as fast as it goes; elsewhere everybody passes."""
    looked_at: list[int] = []
    began = thread.now.mono_ms
    for _ in range(1000):
        thread.card()
        thread.key_in(WRONG)
        said = thread.said
        if "pin_wrong" in said:
            looked_at.append(thread.now.mono_ms - began)
        else:
            assert said == ["pin_locked", "refused"]
        thread.wait(10_000)
    assert looked_at[:5] == [0, 10_000, 20_000, 30_000, 40_000]
    pauses = [after - before for before, after in itertools.pairwise(looked_at[4:])]
    assert pauses[:4] == [60_000, 120_000, 240_000, 480_000] and set(pauses[4:]) == {900_000}
    thread.card(OTHER, "second-in")
    thread.key_in(PIN, "second-in")
    assert thread.said[-1] == "granted"
    thread.card(BADGE, "second-in")
    assert thread.said == ["pin_locked", "refused"], "the badge is locked at every reader"


def test_new_pin_frees_the_badge_and_one_slip_later_shuts_nobody_out(house: Site, thread: Thread):
    for _ in range(5):
        thread.card()
        thread.key_in(WRONG)
    thread.wait(12 * 60_000)
    (person,) = people.with_name(house.acting(MACHINE), "山田 花子")
    pins.set_pin(Acting(house, MACHINE, thread.now), person.id, "836105", "836105")
    assert thread.said.count("pin_wrong") == 5
    thread.card()
    thread.key_in(WRONG)
    assert thread.said[-2:] == ["pin_wrong", "refused"]
    thread.card(OTHER)
    thread.key_in(PIN)
    assert thread.said[-1] == "granted"
    thread.card()
    thread.key_in("836105")
    assert thread.said[-1] == "granted"


def test_digits_are_in_no_repr(thread: Thread):
    thread.key_in(PIN)
    assert PIN not in repr(PinEntered("entrance-in", PIN)) + repr(vars(thread.decide._pins))


def test_registry_that_fails_while_the_pin_is_keyed_in_refuses(house: Site, thread: Thread):
    thread.card()
    assert thread.said == ["enter_pin"]
    assert thread.decide._lookup is not None
    with contextlib.closing(thread.decide._lookup):
        thread.decide._lookup = None
        thread.key_in(PIN)
        assert thread.said == ["registry_unavailable", "refused"]
        thread.decide._reopen(thread.now)


def test_registry_copy_of_the_door_checks_pins_as_well(house: Site, tmp_path: Path):
    with_pin(house)
    ask_for_pins(house)
    registry = house.config.data / "registry" / "registry.db"
    with running_door(house) as door:
        until(lambda: (house.config.data / "journal" / "last_good" / "registry.db").exists())
        until(lambda: door.service.last_good.copied_at())
        registry.rename(registry.with_name("aside.db"))
    with running_door(house) as door:
        door.present("entrance-in")
        key_in(door, PIN)
        assert door.wait_for("access_granted")[0]["registry_copy"] == 1
        registry.with_name("aside.db").rename(registry)

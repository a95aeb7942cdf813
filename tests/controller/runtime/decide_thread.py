"""People with PINs, and the decide thread without a thread: a test sets its moments and keeps its actions."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from controller.decision.decision import Decision
from controller.journal.append import Journal
from controller.journal.rights import RightsInForce
from controller.model.access import Direction
from controller.model.actions import DecisionAction, RecordEvent, RecordThenRelease, Show
from controller.model.credentials import CardNumber
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.model.rule_book import DoorMode, DoorRules, RuleBook
from controller.model.signals import CardPresented, PinEntered
from controller.registry.card_hash import card_hash
from controller.registry.lookup import Lookup
from controller.runtime.clock import Clock
from controller.runtime.copy_actions import ActionCopier
from controller.runtime.decide import Decide
from controller.runtime.definitions import DefinitionsInForce
from controller.runtime.door_modes import DoorModes
from controller.runtime.judge import Judge
from controller.runtime.last_good import LastGood
from controller.runtime.live_facts import LiveFacts
from controller.runtime.order_limits import OrderLimits
from controller.runtime.orders import Orders
from controller.runtime.pin_entry import PinEntry
from controller.runtime.pin_flow import PinFlow
from controller.runtime.presence import LivePresence
from controller.runtime.presence_reader import PresenceReader
from controller.runtime.presence_watch import PresenceWatch
from controller.runtime.read_counters import ReadCounters
from controller.runtime.reader_events import ReaderLocation
from controller.runtime.registry_source import RegistrySource
from controller.runtime.registry_watch import RegistryWatch
from controller.runtime.rights_check import RightsCheck
from controller.runtime.rights_flow import RightsFlow
from controller.runtime.taps import Taps
from controller.services.people import people, pins
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.decision.samples import TOKYO
from tests.controller.site import BADGE, Door, admit
from tests.sample_site import moved

PIN, DURESS, WRONG = "204867", "739155", "519264"
OTHER = CardNumber.parse("01 14 B3 4D 00 00 E5 F6")


def require_pins(site: Site, mode: DoorMode = DoorMode.CARD_PIN) -> None:
    book = RuleBook(doors={"entrance": DoorRules("entrance", mode)})
    rule_books.publish(site.acting(MACHINE), book, "")


def with_pin(site: Site, number: CardNumber = BADGE, name: str = "山田 花子", duress: bool = True) -> str:
    admit(site, number, name)
    (person,) = people.named(site.acting(MACHINE), name)
    pins.set_pin(site.acting(MACHINE), person.id, PIN, PIN)
    if duress:
        pins.set_duress(site.acting(MACHINE), person.id, DURESS, DURESS)
    return person.id


def key_in(door: Door, digits: str, reader: str = "entrance-in") -> None:
    door.service.on_reader_signal(PinEntered(reader, digits))


def indications(door: Door, reader: str = "entrance-in") -> list[str]:
    return door.service.readers[reader].indications  # type: ignore[attr-defined,no-any-return]


class DecideThread:
    """The decide thread without its thread: what it does at moments the test says is kept."""

    def __init__(self, site: Site, lacks_records: bool = False) -> None:
        """`lacks_records`: the log has yet to take actions from the registry."""
        self.actions: list[DecisionAction] = []
        self.now: Moment = moved(site.now(), milliseconds=1)  # the PINs were set before
        file = site.config.data / "registry" / "registry.db"
        presence = LivePresence(PresenceReader(site.config.data / "journal" / "journal.db"))
        clock = Clock()
        record = self.record
        log = site.config.data / "journal" / "journal.db"
        in_force = RightsInForce(log)
        self.lacks_records = lacks_records
        check = RightsCheck(in_force, lambda lookup: self.lacks_records, record)
        floor = LiveFacts(
            TOKYO, {}, presence, PresenceWatch(dict), definitions=DefinitionsInForce(in_force, True)
        )
        self.site = site
        self.copy_actions()
        self.last_good = LastGood(
            partial(Lookup, file), site.config.data / "copy.db", clock.now, lambda: None
        )
        self.registry = RegistrySource(
            partial(Lookup, file), self.last_good, record, lambda state, copied: None
        )
        modes = DoorModes({"entrance": ("entrance-in",)}, self, lambda door: (False, False, None))  # type: ignore[arg-type]
        orders = Orders(self, {}, {})  # type: ignore[arg-type]
        watch = RegistryWatch(
            self.registry,
            orders,
            floor,
            modes,
            check,
            record=record,
            registry_changed=lambda version: None,
            orders_done=lambda registry: (),
            order_limits=OrderLimits(lambda: site.key, lambda: False, check),
            is_copying_stuck=lambda: False,
        )
        self.judge = Judge(Decision(floor.facts), self, floor, modes, self.registry)  # type: ignore[arg-type]
        self.pin_entry = PinEntry(lambda: site.key, list)
        pin_flow = PinFlow(self.pin_entry, self.judge, self.registry)
        self.taps = Taps(
            locations={
                "entrance-in": ReaderLocation("entrance", "entrance-in", Direction.IN),
                "second-in": ReaderLocation("entrance", "entrance-in", Direction.IN),
            },
            hash_number=partial(card_hash, site.key),
            registry=self.registry,
            watch=watch,
            judge=self.judge,
            pins=pin_flow,
            orders=orders,
            counters=ReadCounters(dict),
            rights=RightsFlow(check, self.registry, watch, self.judge, pin_flow),
        )
        self.decide = Decide(self.taps, clock, record)
        self.registry.reopen(self.now)

    def copy_actions(self) -> None:
        """The log takes what operators did."""
        data = self.site.config.data
        with Journal.open(data / "journal" / "journal.db", "") as journal:
            copier = ActionCopier(
                partial(Lookup, data / "registry" / "registry.db"), lambda: self.site.key, self.site.now
            )
            while copier(journal):
                pass

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
        for reader in self.taps.rights.awaiting:
            self.taps.rights.resume(reader, self.now)
        self.decide.tick(self.now)

    @property
    def results(self) -> list[str]:
        """Reasons of refusals, "granted", alarms about rights, and what readers showed."""
        found = []
        for action in self.actions:
            match action:
                case RecordThenRelease():
                    found.append("granted")
                case RecordEvent(event) if event.result == "denied":
                    found.append(event.reason or "")
                case RecordEvent(event) if event.type is EventType.RIGHTS_UNACCOUNTED:
                    found.append(f"alarm about {event.codes['subject']}")
                case Show(_, indication):
                    found.append(indication.value)
        self.actions.clear()
        return found

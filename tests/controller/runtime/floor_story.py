"""People of a call floor at a running door: they tap, walk through, and the log says what came of it."""

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from controller.model.credentials import CardNumber
from controller.model.operators import MACHINE
from controller.model.rule_book import Area, RuleBook
from controller.model.rules.setting import RuleSetting
from controller.model.signals import DoorClosed, DoorOpened
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.people.standing import Standing
from controller.services.presence import presence
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.decision.situations import CATEGORIES, NDA, named
from tests.controller.site import Door, make_site, running_door
from tests.controller.step_door import StepClock
from tests.patience import STEPPED
from tests.waiting import until

TAPS = ("access_granted", "access_denied", "access_waiting")
UNTIL_PASSED = 10  # seconds that a release lasts, unless somebody goes through; more cannot be set


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    badge: str
    card: CardNumber


def floor_site(tmp_path: Path, door: str = "[doors.entrance]\n") -> Site:
    return make_site(tmp_path / "data", door, UNTIL_PASSED, StepClock())


def running_floor(site: Site) -> contextlib.AbstractContextManager[Door]:
    """People here go through faster than anybody could; such a contact would be called out of order."""
    return running_door(site, limits=replace(STEPPED, flapping_changes=1000))


class FloorStory:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.cards = 0
        self.publish()
        always = next(s for s in schedules.all_schedules(site.acting(MACHINE)) if s.always)
        both = [("entrance-in", always.id), ("entrance-out", always.id)]
        self.level = levels.add(site.acting(MACHINE), "Floor", both).id

    def publish(self, *settings: RuleSetting) -> None:
        floor = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",), named(settings))
        book = RuleBook(0, {"floor": floor}, {}, CATEGORIES, {NDA.name: NDA})
        rule_books.publish(self.site.acting(MACHINE), book, "for the story")

    def person(self, category: str) -> Person:
        self.cards += 1
        card = CardNumber.parse(f"0114B34D{self.cards:08X}")
        now = self.site.now()
        standing = Standing(category=category)
        added = people.add(
            Acting(self.site, MACHINE, now), f"{category} {self.cards}", "", [self.level], standing
        )
        return Person(
            added.id, added.name, badges.add(Acting(self.site, MACHINE, now), added.id, card.hex).id, card
        )

    def forgive(self, person: Person) -> None:
        why = "the reader at the way out was broken"
        presence.forgive(self.site.acting(MACHINE), person.id, why)

    def begins(self, door: Door) -> "AtTheDoor":
        until(lambda: door.service.live_facts.facts.presence is not None)
        return AtTheDoor(self, door)


class AtTheDoor:
    def __init__(self, story: FloorStory, door: Door) -> None:
        self.story = story
        self.door = door

    def tap(self, person: Person, reader: str = "entrance-in") -> dict[str, Any]:
        """The record of the tap."""
        before = len(self.door.log(*TAPS))
        self.door.present(reader, person.card)
        return self.door.wait_for(*TAPS, count=before + 1)[before]

    def goes_in(self, person: Person) -> str:
        """And through the door, if it is released; the reason where it is not."""
        record = self.tap(person)
        if record["result"] == "granted":
            self.passes()
        return record["reason"] or "granted"

    def goes_out(self, person: Person) -> list[str]:
        """The other facts of the record; a person who leaves counts as out."""
        record = self.tap(person, "entrance-out")
        assert record["result"] == "granted"
        self.passes()
        warning = record.get("warning")
        return warning.split(",") if warning else []

    def passes(self) -> None:
        until(lambda: self.door.level == 1)
        self.door.service.drive.post(DoorOpened("entrance"))
        self.door.service.drive.post(DoorClosed("entrance"))
        until(lambda: self.door.level == 0)

    def rules(self, *settings: RuleSetting) -> None:
        """Published, and in force at the door."""
        version = self.door.service.live_facts.facts.book.version
        self.story.publish(*settings)
        until(lambda: self.door.service.live_facts.facts.book.version > version)

    def is_forgiven(self, person: Person) -> bool:
        presence_now = self.door.service.live_facts.facts.presence
        return presence_now is not None and presence_now.is_forgiven(person.id)

    def inside(self) -> set[str]:
        presence_now = self.door.service.live_facts.facts.presence
        return set() if presence_now is None else {one.person for one in presence_now.inside("floor")}

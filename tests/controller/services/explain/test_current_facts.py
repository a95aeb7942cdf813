"""The facts for the rules now."""

from dataclasses import replace

from controller.model.operators import MACHINE
from controller.model.rule_book import DoorMode, DoorRules
from controller.services.acting import Acting
from controller.services.explain.current_facts import access_record, entries_of, facts_now, with_modes
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.floor_book import book
from tests.sample_site import NOW, idm


def test_badge_is_found_as_a_tap_would_find_it(site: Site) -> None:
    person = people.add(Acting(site, MACHINE, NOW), "Taro")
    badge = badges.add(Acting(site, MACHINE, NOW), person.id, idm(1))
    with site.registry.read() as db:
        found = access_record(site, db, badge.id, "entrance-in")
        assert found is not None
        assert (found.cardholder.id, found.credential.id, found.rules) == (person.id, badge.id, ())
        assert access_record(site, db, "nobody", "entrance-in") is None


def test_doors_are_in_the_mode_of_the_book_and_closed(site: Site) -> None:
    locked = replace(book(), doors={"entrance": DoorRules("entrance", DoorMode.LOCKED)})
    rule_books.publish(Acting(site, MACHINE, NOW), locked, "night")
    with site.registry.read() as db:
        facts = with_modes(site, facts_now(site, db), NOW)
    assert entries_of(site) == {"entrance": ["entrance-in"]}
    door = facts.door("entrance")
    assert (door.mode, door.is_open, door.is_released, facts.book.version) == (
        DoorMode.LOCKED,
        False,
        False,
        1,
    )

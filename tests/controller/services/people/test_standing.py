"""A person's category and qualifications: stored, recorded before and after, and used by the door."""

from datetime import date

import pytest

from controller.errors import BadInput, NotPermitted
from controller.model.credentials import CardNumber
from controller.model.operators import MACHINE
from controller.model.rule_book import RuleBook
from controller.registry.card_hash import card_hash
from controller.registry.lookup import Lookup
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.people.standing import Standing
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.model.rule_books import FULL
from tests.sample_site import ADMIN, NOW, SUPERVISOR, idm

SV = Standing("sv", (("nda", date(2027, 3, 31)),), overrides=True, more_time=True)


@pytest.fixture
def ruled(site: Site) -> Site:
    rule_books.publish(Acting(site, MACHINE, NOW), _words(), "")
    return site


def _words() -> RuleBook:
    return RuleBook(categories=FULL.categories, qualifications=FULL.qualifications)


def test_standing_is_kept_and_recorded_with_what_differs(ruled: Site) -> None:
    person = people.add(Acting(ruled, ADMIN, NOW), "A", standing=Standing("agency"))
    assert people.get(Acting(ruled, ADMIN, NOW), person.id).standing == Standing("agency")
    assert people.set_standing(Acting(ruled, ADMIN, NOW), person.id, SV).standing == SV
    added, changed = reversed(changes.page(Acting(ruled, ADMIN, NOW))[:2])
    assert added.after == {"name": "A", "kana": "", "levels": [], "category": "agency"}
    assert changed.before == {
        "name": "A",
        "category": "agency",
        "qualifications": [],
        "overrides": False,
        "more_time": False,
    }
    assert changed.after is not None and changed.after["qualifications"] == ["nda: 2027-03-31"]
    people.set_standing(Acting(ruled, ADMIN, NOW), person.id, SV)
    assert changes.page(Acting(ruled, ADMIN, NOW))[0] == changed


def test_edit_leaves_the_standing_where_none_is_granted(ruled: Site) -> None:
    person = people.add(Acting(ruled, ADMIN, NOW), "A", standing=SV)
    assert people.edit(Acting(ruled, ADMIN, NOW), person.id, "B").standing == SV
    assert people.edit(Acting(ruled, ADMIN, NOW), person.id, "B", standing=Standing()).standing == Standing()


def test_door_finds_the_standing_with_the_badge(ruled: Site) -> None:
    person = people.add(Acting(ruled, ADMIN, NOW), "A", standing=SV)
    badges.add(Acting(ruled, ADMIN, NOW), person.id, idm(1))
    lookup = Lookup(ruled.registry.file)
    found = lookup.find(card_hash(ruled.key, CardNumber.parse(idm(1))), "entrance-in")
    lookup.close()
    assert found is not None
    holder = found.cardholder
    assert (holder.category, holder.qualifications) == (SV.category, SV.qualifications)
    assert holder.overrides and holder.more_time


@pytest.mark.parametrize(
    ("standing", "field"),
    [
        (Standing("chief"), "category"),
        (Standing(qualifications=(("first-aid", date(2027, 1, 1)),)), "qualifications"),
    ],
)
def test_what_the_rules_do_not_have_is_refused(ruled: Site, standing: Standing, field: str) -> None:
    person = people.add(Acting(ruled, ADMIN, NOW), "A")
    with pytest.raises(BadInput) as refused:
        people.set_standing(Acting(ruled, ADMIN, NOW), person.id, standing)
    assert refused.value.field == field
    assert people.get(Acting(ruled, ADMIN, NOW), person.id).standing == Standing()


def test_qualification_that_the_rules_no_longer_have_may_stay(ruled: Site) -> None:
    person = people.add(Acting(ruled, ADMIN, NOW), "A", standing=SV)
    rule_books.publish(Acting(ruled, MACHINE, NOW), RuleBook(categories=FULL.categories), "")
    kept = Standing(SV.category, SV.qualifications)
    assert people.set_standing(Acting(ruled, ADMIN, NOW), person.id, kept).standing == kept


def test_supervisor_may_not_change_it(ruled: Site) -> None:
    person = people.add(Acting(ruled, ADMIN, NOW), "A")
    with pytest.raises(NotPermitted):
        people.set_standing(Acting(ruled, SUPERVISOR, NOW), person.id, SV)

"""A category that people hold does not vanish: they are moved with the version that takes it away."""

from dataclasses import replace

import pytest

from controller.errors import BadInput
from controller.model.operators import MACHINE
from controller.model.rule_book import Category, DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.model.rules.escort import EscortSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from controller.registry import standing as rows
from controller.registry.standing import Standing
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import people
from controller.services.rules import books as rule_books
from controller.services.rules import category_moves
from controller.services.rules import draft as rule_draft
from controller.services.rules.findings import RulesRefused
from controller.services.site import Site
from tests.controller.services.floor_book import book
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, NOW

ENFORCE = RuleMode.ENFORCE
RENAMED = {"sv": book().categories["sv"], "contractor": Category("contractor", "Contractor", "業務委託")}


@pytest.fixture
def hiroshi(site: Site) -> str:
    rule_books.publish(Acting(site, MACHINE, NOW), book(), "first")
    for name in ("Taro", "Hiroshi"):
        person = people.add(Acting(site, MACHINE, NOW), name).id
        with unrecorded(site.registry) as db:
            rows.save_standing(db, person, Standing("agency"))
    people.suspend(Acting(site, MACHINE, NOW), person)  # comes back some day, and loses nothing meanwhile
    return person


def renamed() -> RuleBook:
    return replace(book(), categories=RENAMED)


def test_vanishing_category_is_refused_with_how_many_hold_it(site: Site, hiroshi: str) -> None:
    with pytest.raises(
        RulesRefused, match="category agency would be removed, but people belong to it \\(2\\)"
    ):
        rule_books.publish(Acting(site, ADMIN, NOW), renamed(), "renamed")
    assert rule_books.newest(site.acting(ADMIN)).version == 1
    (one,) = category_moves.vanishing(site.acting(ADMIN), renamed())
    assert (one.category.name, one.people, one.likely) == ("agency", 2, "contractor")
    assert category_moves.vanishing(site.acting(ADMIN), book()) == ()


def test_people_are_moved_in_the_same_write_each_with_a_record(site: Site, hiroshi: str) -> None:
    rule_books.publish(Acting(site, ADMIN, NOW), renamed(), "renamed", moves={"agency": "contractor"})
    assert people.get(Acting(site, ADMIN, NOW), hiroshi).standing.category == "contractor"
    recorded = [
        (one.before["category"], one.after["category"])
        for one in changes.page(Acting(site, ADMIN, NOW))
        if one.before and one.after and "category" in one.after
    ]
    assert recorded == [("agency", "contractor")] * 2


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        ({"agency": "nobody"}, "no category nobody"),
        ({"sv": "contractor"}, "stays, so its people cannot be moved"),
    ],
)
def test_move_that_cannot_be_changes_nothing(
    site: Site, hiroshi: str, moves: dict[str, str], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        rule_books.publish(
            Acting(site, ADMIN, NOW), renamed(), "renamed", moves={"agency": "contractor"} | moves
        )
    assert people.get(Acting(site, ADMIN, NOW), hiroshi).standing.category == "agency"
    assert rule_books.newest(site.acting(ADMIN)).version == 1


def test_nothing_is_moved_when_the_book_is_refused_for_something_else(site: Site, hiroshi: str) -> None:
    floor = replace(book().areas["floor"], entries=("back-door",))
    broken = replace(renamed(), areas={"floor": floor})
    with pytest.raises(RulesRefused):
        rule_books.publish(Acting(site, ADMIN, NOW), broken, "", moves={"agency": "contractor"})
    assert people.get(Acting(site, ADMIN, NOW), hiroshi).standing.category == "agency"


def test_category_that_was_not_there_before_either_stays_a_doubt(site: Site, hiroshi: str) -> None:
    with unrecorded(site.registry) as db:
        rows.save_standing(db, hiroshi, Standing("ghost"))
        rows.move_category(db, "agency", "ghost")
    people.resume(Acting(site, MACHINE, NOW), hiroshi)
    found = rule_books.findings(Acting(site, ADMIN, NOW), renamed())
    assert [one.is_warning for one in found if "ghost" in str(one)] == [True]


def test_rules_and_modes_follow_a_new_short_name() -> None:
    rules = {
        RuleName.SUPERVISOR_PRESENT: SupervisorPresentSetting(ENFORCE, ("agency", "sv")),
        RuleName.ESCORT: EscortSetting(ENFORCE, ("agency",), ("sv",)),
    }
    door = DoorRules("entrance", DoorMode.CARD, (ScheduledMode("x", DoorMode.UNLOCKED, ("agency",)),), rules)
    before = replace(book(rules), doors={"entrance": door})
    after = category_moves.with_categories_renamed(before, {"agency": "contractor", "sv": "sv"})
    for found in (after.areas["floor"].rules, after.doors["entrance"].rules):
        assert found[RuleName.SUPERVISOR_PRESENT] == SupervisorPresentSetting(ENFORCE, ("contractor", "sv"))
        assert found[RuleName.ESCORT] == EscortSetting(ENFORCE, ("contractor",), ("sv",))
    assert after.doors["entrance"].scheduled[0].first_person == ("contractor",)
    assert category_moves.with_categories_renamed(before, {"sv": "sv"}) is before


def test_draft_is_published_with_the_move(site: Site, hiroshi: str) -> None:
    draft = rule_draft.edit(Acting(site, ADMIN, NOW), lambda was: renamed())
    assert draft is not None
    with pytest.raises(RulesRefused):
        rule_draft.publish(Acting(site, ADMIN, NOW), draft.mark, "", heed_warnings=False)
    moves = {"agency": "contractor"}
    assert rule_draft.publish(Acting(site, ADMIN, NOW), draft.mark, "", heed_warnings=False, moves=moves) == 2

"""The draft holds nothing at the door; it is published as it was seen, or not at all."""

from dataclasses import replace

import pytest

from controller.errors import Conflict, NotPermitted
from controller.model.operators import MACHINE
from controller.model.rule_book import Area, Category, RuleBook
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.rules import books as rule_books
from controller.services.rules import draft as rule_draft
from controller.services.rules.findings import RulesRefused
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR

FLOOR = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",))


def with_floor(book: RuleBook) -> RuleBook:
    return replace(book, areas={"floor": FLOOR})


def with_category(book: RuleBook) -> RuleBook:
    return replace(book, categories={"sv": Category("sv", "SV", "SV")})


def drafted(site: Site) -> str:
    found = rule_draft.edit(Acting(site, ADMIN, NOW), with_floor)
    assert found is not None
    return found.mark


def test_draft_gathers_edits_and_holds_nothing_at_the_door(site: Site) -> None:
    before = drafted(site)
    rule_draft.edit(Acting(site, ADMIN, NOW), with_category)
    draft = rule_draft.get(site.acting(AUDITOR))
    assert draft is not None and draft.mark != before
    assert set(draft.book.areas) == {"floor"} and set(draft.book.categories) == {"sv"}
    assert (draft.based_on, draft.operator_name) == (0, "Admin")
    assert rule_books.newest(site.acting(ADMIN)) == RuleBook()
    assert not [one for one in changes.page(Acting(site, ADMIN, NOW)) if one.object_type == "rules"]


def test_published_draft_is_in_force_and_gone(site: Site) -> None:
    version = rule_draft.publish(Acting(site, ADMIN, NOW), drafted(site), "why", True)
    assert rule_books.newest(site.acting(ADMIN)) == with_floor(RuleBook(version))
    assert rule_draft.get(site.acting(ADMIN)) is None
    assert changes.page(Acting(site, ADMIN, NOW))[0].action == "rules_published"


def test_draft_that_is_what_is_in_force_is_none(site: Site) -> None:
    drafted(site)
    assert rule_draft.edit(Acting(site, ADMIN, NOW), lambda book: replace(book, areas={})) is None
    assert rule_draft.get(site.acting(ADMIN)) is None


def test_draft_changed_after_it_was_seen_is_not_published(site: Site) -> None:
    seen = drafted(site)
    rule_draft.edit(Acting(site, ADMIN, NOW), with_category)
    with pytest.raises(Conflict, match="changed or published meanwhile"):
        rule_draft.publish(Acting(site, ADMIN, NOW), seen, "", True)
    assert rule_books.versions(site.acting(ADMIN)) == []


def test_version_published_meanwhile_is_reported_and_may_be_overruled(site: Site) -> None:
    seen = drafted(site)
    rule_books.publish(Acting(site, MACHINE, NOW), with_category(RuleBook()), "another")
    with pytest.raises(Conflict, match="Version 1 was published after this draft was started"):
        rule_draft.publish(Acting(site, ADMIN, NOW), seen, "", True)
    assert rule_draft.publish(Acting(site, ADMIN, NOW), seen, "", False) == 2
    assert rule_books.newest(site.acting(ADMIN)).categories == {}


def test_draft_with_a_problem_is_kept_and_not_published(site: Site) -> None:
    found = rule_draft.edit(
        Acting(site, ADMIN, NOW),
        lambda book: replace(book, areas={"floor": replace(FLOOR, entries=("back-in",))}),
    )
    assert found is not None
    with pytest.raises(RulesRefused, match="no access point back-in"):
        rule_draft.publish(Acting(site, ADMIN, NOW), found.mark, "", False)
    assert rule_draft.get(site.acting(ADMIN)) == found


def test_what_is_not_a_rule_book_never_gets_into_the_draft(site: Site) -> None:
    with pytest.raises(Conflict, match="label_en"):
        rule_draft.edit(
            Acting(site, ADMIN, NOW),
            lambda book: replace(book, areas={"floor": replace(FLOOR, label_en="x" * 101)}),
        )
    assert rule_draft.get(site.acting(ADMIN)) is None


def test_discarded_draft_leaves_nothing(site: Site) -> None:
    drafted(site)
    rule_draft.discard(site.acting(ADMIN))
    assert rule_draft.get(site.acting(ADMIN)) is None
    assert rule_draft.edited(site.acting(ADMIN)) == RuleBook()


def test_only_who_may_publish_edits_the_draft(site: Site) -> None:
    seen = drafted(site)
    for attempt in (
        lambda: rule_draft.edit(Acting(site, SUPERVISOR, NOW), with_category),
        lambda: rule_draft.discard(site.acting(SUPERVISOR)),
        lambda: rule_draft.publish(Acting(site, SUPERVISOR, NOW), seen, "", True),
    ):
        with pytest.raises(NotPermitted):
            attempt()

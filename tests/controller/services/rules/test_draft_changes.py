"""Edits of the draft as data: what a request carries has the effect of the form, and is checked again."""

from typing import Any

import pytest

from controller.errors import BadRequest, Conflict, NotPermitted
from controller.model.rule_book import Area, Category, DoorMode, DoorRules, Qualification, RuleBook
from controller.model.rule_book_form import to_plain
from controller.registrar.dispatch import link_locally
from controller.services.acting import Acting
from controller.services.requests.request import Request
from controller.services.rules import draft
from controller.services.rules.requests import (
    RemoveDraftArea,
    SaveDraftArea,
    SaveDraftCategories,
    SaveDraftDoor,
    SaveDraftQualifications,
)
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW, SUPERVISOR

FLOOR = Area("floor", "Floor", "フロア", ("entrance-in",), ("entrance-out",))
STAFF = Category("staff", "Staff", "社員", regular=True)


def send(site: Site, request: Request[None]) -> RuleBook:
    acting = Acting(site, ADMIN, NOW)
    acting.send(request)
    return draft.edited(acting)


def part(**book: Any) -> dict[str, Any]:
    return to_plain(RuleBook(**book))


def test_each_part_is_saved_and_the_others_stay(site: Site) -> None:
    link_locally(site)
    send(site, SaveDraftArea(part=part(areas={"floor": FLOOR})))
    send(site, SaveDraftCategories(part=part(categories={"staff": STAFF})))
    send(site, SaveDraftQualifications(part=part(qualifications={"nda": Qualification("nda", "a", "b", 7)})))
    door = DoorRules("entrance", DoorMode.LOCKED)
    book = send(site, SaveDraftDoor(part=part(doors={"entrance": door})))
    assert (book.areas, book.categories) == ({"floor": FLOOR}, {"staff": STAFF})
    assert book.qualifications["nda"].warn_days == 7 and book.doors == {"entrance": door}
    book = send(site, SaveDraftDoor(part=part(doors={"entrance": DoorRules("entrance")})))
    assert book.doors == {}
    assert send(site, RemoveDraftArea(area="floor")).areas == {}


def test_renamed_category_is_renamed_in_the_rules(site: Site) -> None:
    link_locally(site)
    send(site, SaveDraftCategories(part=part(categories={"staff": STAFF})))
    renamed = part(categories={"own": Category("own", "Staff", "社員", regular=True)})
    book = send(site, SaveDraftCategories(part=renamed, renamed={"staff": "own"}))
    assert list(book.categories) == ["own"]


def test_part_that_others_changed_meanwhile_is_refused(site: Site) -> None:
    link_locally(site)
    book = send(site, SaveDraftArea(part=part(areas={"floor": FLOOR})))
    with pytest.raises(Conflict, match="Somebody changed this"):
        send(site, SaveDraftArea(part=part(areas={"floor": FLOOR}), seen="0" * 16))
    seen = draft.mark(book, draft.area("floor"))
    assert send(site, SaveDraftArea(part=part(areas={"floor": FLOOR}), seen=seen)) == book


@pytest.mark.parametrize(
    ("plain", "refusal"),
    [
        ({"areas": {"Floor!": {}}}, Conflict),
        (
            {"areas": {"floor": {"label_en": "x" * 200, "label_ja": "x", "entries": [], "exits": []}}},
            Conflict,
        ),
        ({"areas": {"floor": {"label_en": "a\nb", "label_ja": "x", "entries": [], "exits": []}}}, Conflict),
        ({"areas": 7}, Conflict),
        ({"owner": {}}, Conflict),
        ({}, BadRequest),
        (part(areas={"floor": FLOOR, "room": Area("room", "Room", "部屋", (), ())}), BadRequest),
    ],
    ids=str,
)
def test_part_that_is_not_one_area_changes_nothing(
    site: Site, plain: dict[str, Any], refusal: type[Exception]
) -> None:
    link_locally(site)
    with pytest.raises(refusal):
        send(site, SaveDraftArea(part=plain))
    assert draft.get(Acting(site, ADMIN, NOW)) is None


def test_only_who_publishes_rules_edits_the_draft(site: Site) -> None:
    link_locally(site)
    with pytest.raises(NotPermitted):
        Acting(site, SUPERVISOR, NOW).send(SaveDraftArea(part=part(areas={"floor": FLOOR})))

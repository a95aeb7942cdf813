import contextlib
from pathlib import Path

import pytest

from controller.errors import BadInput, NotFound, NotPermitted
from controller.journal import erase
from controller.model.events import Event, EventType
from controller.model.orders import ActionType
from controller.registry import erasures as rows
from controller.registry.name_folding import folded
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, idm, opened_site

NAME, KANA = "消去 太郎", "しょうきょ たろう"


def enrolled(site: Site, name: str = NAME, kana: str = KANA, number: int = 1) -> str:
    person = people.add(Acting(site, ADMIN, NOW), name, kana)
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, idm(number))
    badges.suspend(Acting(site, ADMIN, NOW), badge.id, "忘れた")
    return person.id


def left_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file())


def hashes(site: Site) -> list[bytes]:
    with site.registry.read() as db:
        return [row[0] for row in db.execute("SELECT card_hash FROM credentials")]


def test_erased_person_is_nowhere_in_the_registry_and_the_request_says_who_and_why(site: Site) -> None:
    person = enrolled(site)
    stays = enrolled(site, "残る 花子", "のこる はなこ", 2)
    people.edit(Acting(site, ADMIN, NOW), person, NAME + "改", KANA)
    people.erase(Acting(site, ADMIN, NOW), person, "left the company")

    left = left_in(site.registry.file.parent)
    for text in (NAME, KANA, folded(KANA), "忘れた"):
        assert left.count(text.encode()) == (1 if text == "忘れた" else 0), text
    assert people.get(Acting(site, ADMIN, NOW), stays).name == "残る 花子"
    newest = changes.page(Acting(site, ADMIN, NOW), limit=1)[0]
    assert newest.action == ActionType.ERASURE_ASKED
    assert (newest.object_id, newest.reason, newest.before, newest.after) == (
        person,
        "left the company",
        None,
        None,
    )


def test_reference_of_an_erased_person_is_reported_as_such(site: Site) -> None:
    person = enrolled(site)
    people.erase(Acting(site, ADMIN, NOW), person, "left")
    with pytest.raises(NotFound, match="erased on 2026-11-24"):
        people.get(Acting(site, ADMIN, NOW), person)
    with pytest.raises(NotFound, match="no such person"):
        people.erase(Acting(site, ADMIN, NOW), person, "left")
    found = people.erasure(site.acting(AUDITOR), person)
    assert found is not None and (found.records, found.reason) == (None, "left")
    assert people.erasure(site.acting(AUDITOR), "f" * 16) is None


def test_card_of_an_erased_person_can_be_assigned_to_somebody_else(site: Site) -> None:
    people.erase(Acting(site, ADMIN, NOW), enrolled(site), "left")
    assert people.get(Acting(site, ADMIN, NOW), enrolled(site, "次の 人")).badges[0].last_four == "0001"


@pytest.mark.parametrize("operator", [SUPERVISOR, AUDITOR])
def test_only_an_administrator_erases(site: Site, operator) -> None:
    person = enrolled(site)
    with pytest.raises(NotPermitted):
        people.erase(Acting(site, operator, NOW), person, "left")
    assert people.get(Acting(site, ADMIN, NOW), person).name == NAME


@pytest.mark.parametrize("reason", ["", "  ", f"{NAME} left", f"because of {KANA}"])
def test_reason_is_needed_and_may_not_hold_the_name(site: Site, reason: str) -> None:
    person = enrolled(site)
    with pytest.raises(BadInput):
        people.erase(Acting(site, ADMIN, NOW), person, reason)
    assert people.get(Acting(site, ADMIN, NOW), person).name == NAME


def test_card_hashes_wait_for_the_door_and_then_leave_the_file_as_well(tmp_path: Path) -> None:
    with contextlib.closing(opened_site(tmp_path / "data")) as site, DoorSide(site) as door:
        person = enrolled(site)
        (card,) = hashes(site)
        people.erase(Acting(site, ADMIN, NOW), person, "left")
        assert card not in left_in(site.registry.file.parent)
        assert card.hex().encode() in left_in(site.registry.file.parent)
        (request,) = door.lookup.erasures()
        assert request.card_hashes == (card.hex(),)
        event = Event(EventType.PERSON_ERASED, NOW, person=person, codes={"erasure": 1, "records": 7})
        erase.record(door.journal, door.lookup.registry_id, request.id, event)
        found = people.erasure(site.acting(ADMIN), person)
        assert found is not None and found.records == 7
        assert card.hex().encode() not in left_in(site.registry.file.parent)
        assert not door.lookup.erasures()


def test_hashes_whose_forgetting_was_cut_short_are_forgotten_at_the_next_opening(tmp_path: Path) -> None:
    with contextlib.closing(opened_site(tmp_path / "data")) as site, DoorSide(site) as door:
        person = enrolled(site)
        people.erase(Acting(site, ADMIN, NOW), person, "left")
        (request,) = door.lookup.erasures()
        event = Event(EventType.PERSON_ERASED, NOW, person=person, codes={"erasure": 1, "records": 0})
        erase.record(door.journal, door.lookup.registry_id, request.id, event)
        with site.registry.housekeeping() as db:
            rows.forget_cards(db, [request.id])  # and then the power went
    with contextlib.closing(opened_site(tmp_path / "data")) as site:
        assert request.card_hashes[0].encode() not in left_in(site.registry.file.parent)
        with site.registry.read() as db:
            assert not rows.unfinished(db, 10)

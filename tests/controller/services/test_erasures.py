import contextlib
from pathlib import Path

import pytest

from controller.errors import NotFound
from controller.journal import erase
from controller.model.events import Event, EventType
from controller.model.orders import ActionType
from controller.registry import erasures as rows
from controller.registry.name_folding import folded
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, erasing, people
from controller.services.site import Site
from tests.controller import erasure
from tests.controller.services.door_side import DoorSide
from tests.sample_site import ADMIN, AUDITOR, NOW, idm, later, opened_site

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
    erasure.erase(site, person, reason="left the company")

    left = left_in(site.registry.file.parent)
    for text in (NAME, KANA, folded(KANA), "忘れた"):
        assert left.count(text.encode()) == (1 if text == "忘れた" else 0), text
    assert people.get(Acting(site, ADMIN, NOW), stays).name == "残る 花子"
    newest, request = changes.page(Acting(site, ADMIN, NOW), limit=2)
    assert (newest.action, request.action) == (ActionType.ERASURE_CARRIED_OUT, ActionType.ERASURE_ASKED)
    for one in (newest, request):
        assert (one.object_id, one.reason, one.before) == (person, "left the company", None)
    assert request.after == {"due_utc": later(days=7).utc.isoformat()}


def test_reference_of_an_erased_person_is_reported_as_such(site: Site) -> None:
    person = enrolled(site)
    erasure.erase(site, person)
    with pytest.raises(NotFound, match="erased on 2026-12-01"):
        people.get(Acting(site, ADMIN, NOW), person)
    with pytest.raises(NotFound, match="no such person"):
        erasing.request(Acting(site, ADMIN, NOW), person, "left")
    found = people.erasure(site.acting(AUDITOR), person)
    assert found is not None and (found.records, found.reason) == (None, "left")
    assert people.erasure(site.acting(AUDITOR), "f" * 16) is None


def test_card_of_an_erased_person_can_be_assigned_to_somebody_else(site: Site) -> None:
    erasure.erase(site, enrolled(site))
    assert people.get(Acting(site, ADMIN, NOW), enrolled(site, "次の 人")).badges[0].last_four == "0001"


def test_card_hashes_wait_for_the_door_and_then_leave_the_file_as_well(tmp_path: Path) -> None:
    with contextlib.closing(opened_site(tmp_path / "data")) as site, DoorSide(site) as door:
        person = enrolled(site)
        (card,) = hashes(site)
        erasure.erase(site, person)
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
        erasure.erase(site, person)
        (request,) = door.lookup.erasures()
        event = Event(EventType.PERSON_ERASED, NOW, person=person, codes={"erasure": 1, "records": 0})
        erase.record(door.journal, door.lookup.registry_id, request.id, event)
        with site.registry.housekeeping() as db:
            rows.forget_cards(db, [request.id])  # and then the power went
    with contextlib.closing(opened_site(tmp_path / "data")) as site:
        assert request.card_hashes[0].encode() not in left_in(site.registry.file.parent)
        with site.registry.read() as db:
            assert not rows.unfinished(db, 10)

from dataclasses import replace
from datetime import date

import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.model.credentials import CredentialKind, CredentialStatus
from controller.registry.lookup import Lookup
from controller.services.access import levels
from controller.services.acting import Acting
from controller.services.doors import orders
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.people.enrolment import typed_card
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, idm


@pytest.fixture
def person(site: Site) -> people.Person:
    return people.add(Acting(site, ADMIN, NOW), "山田 花子")


def at_the_door(site: Site, number: str):
    lookup = Lookup(site.registry.file)
    try:
        return lookup.find(typed_card(site, number).card_hash, "entrance-in")
    finally:
        lookup.close()


def test_enrolled_badge_is_known_at_the_door(site: Site, person: people.Person):
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, " 01-01:00 00 0000beef ")
    assert (badge.last_four, badge.kind) == ("BEEF", CredentialKind.FELICA)
    record = at_the_door(site, "010100000000BEEF")
    assert record is not None and record.cardholder.name == "山田 花子" and record.credential.id == badge.id


def test_number_is_kept_nowhere(site: Site, person: people.Person):
    number = "0101AABBCCDD1234"
    badges.add(Acting(site, ADMIN, NOW), person.id, number)
    site.close()
    stored = b"".join(file.read_bytes() for file in site.registry.file.parent.rglob("*") if file.is_file())
    assert b"1234" in stored
    for form in (
        number.encode(),
        number.lower().encode(),
        bytes.fromhex(number),
        str(int(number, 16)).encode(),
    ):
        assert form not in stored


def test_card_that_is_enrolled_already_is_refused_and_names_whose_it_is(site: Site, person: people.Person):
    badges.add(Acting(site, ADMIN, NOW), person.id, idm(1))
    other = people.add(Acting(site, ADMIN, NOW), "佐藤")
    with pytest.raises(Conflict, match="山田 花子"):
        badges.add(Acting(site, ADMIN, NOW), other.id, idm(1))
    assert people.get(Acting(site, ADMIN, NOW), other.id).badges == ()


def test_random_number_of_a_phone_is_refused(site: Site, person: people.Person):
    accepted = []
    for number in (f"08{second:02X}A1B2" for second in range(256)):
        try:
            badges.add(Acting(site, ADMIN, NOW), person.id, number)
        except BadInput as refusal:
            if "random at every tap" in str(refusal):
                continue
        accepted.append(number)
    assert accepted == []


@pytest.mark.parametrize(
    "number", ["", "12", "0101", "01010000000000ZZ", "010100000000000", "9" * 100, "1.23E+15"]
)
def test_what_is_not_a_card_number_is_refused(site: Site, person: people.Person, number: str):
    with pytest.raises(BadInput) as error:
        badges.add(Acting(site, ADMIN, NOW), person.id, number)
    assert error.value.field == "number"


def test_validity_is_kept_in_days_of_the_site(site: Site, person: people.Person):
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, idm(1), date(2026, 11, 24), date(2026, 11, 24))
    assert (badge.first_day, badge.last_day) == (date(2026, 11, 24), date(2026, 11, 24))
    record = at_the_door(site, idm(1))
    assert record is not None and record.credential.valid_from and record.credential.valid_until
    assert record.credential.valid_from.isoformat() == "2026-11-23T15:00:00+00:00"
    assert record.credential.valid_until.isoformat() == "2026-11-24T15:00:00+00:00"
    edited = badges.edit(Acting(site, ADMIN, NOW), badge.id, None, date(2026, 12, 31))
    assert (edited.first_day, edited.last_day) == (None, date(2026, 12, 31))
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert change.before is not None and change.before["last_day"] == "2026-11-24"
    assert change.after is not None and change.after["last_day"] == "2026-12-31"


def test_days_reversed_are_refused(site: Site, person: people.Person):
    with pytest.raises(BadInput) as error:
        badges.add(Acting(site, ADMIN, NOW), person.id, idm(1), date(2026, 11, 25), date(2026, 11, 24))
    assert error.value.field == "last_day"
    assert at_the_door(site, idm(1)) is None


def test_suspend_lost_and_resume_are_what_the_door_sees(site: Site, person: people.Person):
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, idm(1))
    for act, status in (
        (badges.suspend, CredentialStatus.SUSPENDED),
        (badges.report_lost, CredentialStatus.LOST),
        (badges.resume, CredentialStatus.ACTIVE),
    ):
        assert act(Acting(site, ADMIN, NOW), badge.id, "why").status is status
        record = at_the_door(site, idm(1))
        assert record is not None and record.credential.status is status
        assert changes.page(Acting(site, ADMIN, NOW))[0].after == {
            "person": "山田 花子",
            "last_four": "0001",
            "status": status.value,
        }


def test_lost_twice_is_recorded_once(site: Site, person: people.Person):
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, idm(1))
    badges.report_lost(Acting(site, ADMIN, NOW), badge.id)
    badges.report_lost(Acting(site, ADMIN, NOW), badge.id)
    assert [c.action for c in changes.page(Acting(site, ADMIN, NOW))].count("badge_lost") == 1


def test_supervisor_may_block_and_not_unblock_and_auditor_neither(site: Site, person: people.Person):
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, idm(1))
    badges.report_lost(Acting(site, SUPERVISOR, NOW), badge.id)
    with pytest.raises(NotPermitted):
        badges.resume(Acting(site, SUPERVISOR, NOW), badge.id)
    for act in (badges.report_lost, badges.suspend, badges.resume):
        with pytest.raises(NotPermitted):
            act(Acting(site, AUDITOR, NOW), badge.id)
    with pytest.raises(NotPermitted):
        badges.edit(Acting(site, SUPERVISOR, NOW), badge.id, None, None)


def test_pages_show_every_badge_once(site: Site, person: people.Person):
    for i in range(13):
        badges.add(Acting(site, ADMIN, NOW), person.id, f"0101{i:08X}{i % 3:04X}")
    seen, after = [], None
    while True:
        page = badges.search(Acting(site, ADMIN, NOW), after=after, limit=5)
        seen += page.badges
        after = page.next
        if after is None:
            break
    assert len(seen) == len({badge.id for badge in seen}) == 13
    assert len(badges.search(Acting(site, ADMIN, NOW), last_four="0001").badges) == 4


def test_badge_for_a_holder_by_name_adds_the_person_and_the_level_once(site: Site):
    levels.add(Acting(site, ADMIN, NOW), "Floor", [("entrance-in", "always")])
    first = badges.add_for_holder(Acting(site, ADMIN, NOW), "新人", idm(1), "Floor")
    second = badges.add_for_holder(Acting(site, ADMIN, NOW), "新人", idm(2), "Floor")
    assert first.person_id == second.person_id
    found = people.get(Acting(site, ADMIN, NOW), first.person_id)
    assert len(found.badges) == 2 and [level.name for level in found.levels] == ["Floor"]
    people.add(Acting(site, ADMIN, NOW), "新人")
    with pytest.raises(Conflict, match="2 people"):
        badges.add_for_holder(Acting(site, ADMIN, NOW), "新人", idm(3))
    with pytest.raises(NotFound, match="Nowhere"):
        badges.add_for_holder(Acting(site, ADMIN, NOW), "別人", idm(3), "Nowhere")
    assert people.search(Acting(site, ADMIN, NOW), "別人").people == ()


def test_badge_is_found_by_its_number(site: Site, person: people.Person):
    badge = badges.add(Acting(site, ADMIN, NOW), person.id, idm(1))
    assert badges.find_by_number(Acting(site, ADMIN, NOW), idm(1)) == badge
    with pytest.raises(NotFound):
        badges.find_by_number(Acting(site, ADMIN, NOW), idm(2))
    with pytest.raises(NotFound):
        badges.get(Acting(site, ADMIN, NOW), "nothing")


def test_learned_card_is_enrolled_only_by_who_asked(site: Site, person: people.Person):
    with DoorSide(site) as door:
        order = orders.learn_badge(Acting(site, ADMIN, NOW), "entrance-in")
        with pytest.raises(NotFound):
            badges.add_learned(Acting(site, ADMIN, NOW), person.id, order)
        door.learned(order, "0101000000BADA55")
        other = replace(ADMIN, id="e" * 16)
        with pytest.raises(NotFound):
            badges.add_learned(Acting(site, other, NOW), person.id, order)
        badge = badges.add_learned(Acting(site, ADMIN, NOW), person.id, order)
    assert badge.last_four == "DA55"
    assert at_the_door(site, "0101000000BADA55") is not None

"""Copy protection of badges, on the pages: in words, imported in two steps, by administrators alone."""

import os

import pytest

from controller.issuing import door_key
from controller.issuing.signing import StationKey, station_id
from controller.model.operators import MACHINE, OperatorRole
from controller.services.acting import Acting
from controller.services.people import badges, people
from tests.controller.issuing_side import STATION, file_of, issued, public_key, sun_issued, trust
from tests.sample_site import idm
from tests.web.client import Client
from tests.web.site import ServedSite

PUBLISH = r'action="(/badge-keys/import/[^"]+/publish)"'


@pytest.fixture(autouse=True)
def trusted(served: ServedSite) -> None:
    trust(served.site)


def enrolled(served: ServedSite, name: str, number: str) -> badges.Badge:
    person = people.add(Acting(served.site, MACHINE, served.moment), name)
    return badges.add(Acting(served.site, MACHINE, served.moment), person.id, number)


def test_badge_says_in_words_whether_it_can_be_copied(served: ServedSite, admin: Client) -> None:
    badge = enrolled(served, "Hanako", idm(1))
    for path in (f"/badges/{badge.id}", f"/people/{badge.person_id}", "/badge-keys"):
        words = admin.get(path).words
        assert "This badge can be copied" in words and "proves its own key" not in words.replace(
            "A badge that proves its own key", ""
        )
    page = admin.upload("/badge-keys/import", file_of(issued(served.site, idm(1))))
    admin.post(page.ids(PUBLISH)[0])
    for path in (f"/badges/{badge.id}", f"/people/{badge.person_id}", "/badge-keys"):
        words = admin.get(path).words
        assert "This badge proves its own key" in words and "This badge can be copied" not in words


def test_badge_whose_readings_can_be_recorded_says_so(served: ServedSite, admin: Client) -> None:
    uid = "04DE5F1EACC040"
    badge = enrolled(served, "Hanako", uid)
    assert "NTAG 424 DNA" not in admin.get("/badge-keys").words
    page = admin.upload("/badge-keys/import", file_of(sun_issued(served.site, uid)))
    admin.post(page.ids(PUBLISH)[0])
    for path in (f"/badges/{badge.id}", "/badge-keys"):
        words = admin.get(path).words
        assert (
            "This badge proves its own key" in words and "a secretly read message opens a door once" in words
        )
    assert "once, until the badge itself is tapped there again" in admin.get("/badge-keys").words
    assert "perhaps from before 2018" not in admin.get("/badge-keys").words


def test_file_is_shown_first_and_holds_after_a_second_word(served: ServedSite, admin: Client) -> None:
    badge = enrolled(served, "髙橋 花子", idm(1))
    line = issued(served.site, idm(1))
    page = admin.upload("/badge-keys/import", file_of(line, issued(served.site, idm(2))))
    assert page.status == 200
    assert "1 badge gets a key" in page.words and "髙橋 花子" in page.words
    assert f"Card …{idm(2)[-4:]} is not enrolled" in page.words
    assert "This badge can be copied" in admin.get(f"/badges/{badge.id}").words
    assert admin.post(page.ids(PUBLISH)[0]).to == "/badge-keys?done=keys_imported"
    assert "Key version 1" in admin.get(f"/badges/{badge.id}").words
    changed = admin.get("/changes").words
    assert "Badge key set" in changed and "Proves a key of its own" in changed
    again = admin.upload("/badge-keys/import", file_of(line))
    assert "nothing to import" in again.words and "1 badge already has the key of this file." in again.words


def test_no_page_holds_a_key_or_a_card_number(served: ServedSite, admin: Client) -> None:
    badge = enrolled(served, "Hanako", idm(0xABCD))
    line = issued(served.site, idm(0xABCD))
    pages = [admin.upload("/badge-keys/import", file_of(line))]
    admin.post(pages[0].ids(PUBLISH)[0])
    pages += [admin.get(p) for p in ("/badge-keys", f"/badges/{badge.id}", "/changes", "/badge-keys/import")]
    for page in pages:
        assert idm(0xABCD) not in page.text.upper() and line.wrapped.hex() not in page.text.lower()
        assert b"wrapped" not in page.text.encode() or "another door" in page.text


def test_bad_lines_are_reported_each_by_its_number_and_nothing_is_imported(
    served: ServedSite, admin: Client
) -> None:
    enrolled(served, "Hanako", idm(1))
    line = issued(served.site, idm(1))
    page = admin.upload("/badge-keys/import", file_of(line) + b"name,idm\n" + line.line[:50])
    assert page.status == 422 and "2 lines are not valid lines" in page.words
    for number in ("2", "3"):
        assert f'data-label="Line">{number}</td>' in page.text
    assert not page.ids(PUBLISH)


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_file_without_keys_is_refused_beside_its_field(admin: Client, content: bytes) -> None:
    page = admin.upload("/badge-keys/import", content)
    assert page.status == 422 and 'id="file-error"' in page.text


def test_discarded_file_is_not_put_in_force(served: ServedSite, admin: Client) -> None:
    enrolled(served, "Hanako", idm(1))
    publish = admin.upload("/badge-keys/import", file_of(issued(served.site, idm(1)))).ids(PUBLISH)[0]
    assert admin.post(publish.replace("publish", "discard")).to == "/badge-keys/import?done=discarded"
    assert admin.post(publish).status == 409


def test_key_is_removed_with_a_reason(served: ServedSite, admin: Client) -> None:
    badge = enrolled(served, "Hanako", idm(1))
    admin.post(admin.upload("/badge-keys/import", file_of(issued(served.site, idm(1)))).ids(PUBLISH)[0])
    answer = admin.post(f"/badges/{badge.id}/forget-key", {"reason": "card broken"})
    assert answer.to == f"/badges/{badge.id}?done=key_forgotten"
    assert "This badge can be copied" in admin.get(f"/badges/{badge.id}").words
    assert "card broken" in admin.get("/changes").words


def test_keys_for_another_door_are_reported_on_badge_and_list(served: ServedSite, admin: Client) -> None:
    badge = enrolled(served, "Hanako", idm(1))
    admin.post(admin.upload("/badge-keys/import", file_of(issued(served.site, idm(1)))).ids(PUBLISH)[0])
    keys = served.site.config.data / "keys"
    door_key.private_file(keys).unlink()
    door_key.make(keys)
    assert "Its key cannot be used here" in admin.get(f"/badges/{badge.id}").words
    assert "Its key cannot be used here" in admin.get("/badge-keys").words


def test_public_key_is_handed_out_and_its_want_is_reported(served: ServedSite, admin: Client) -> None:
    answer = admin.get("/badge-keys/door")
    assert answer.text.strip() == public_key(served.site).text
    door_key.public_file(served.site.config.data / "keys").unlink()
    assert "The door has no key pair yet" in admin.get("/badge-keys").words


def test_long_list_has_pages(served: ServedSite, admin: Client) -> None:
    person = people.add(Acting(served.site, MACHINE, served.moment), "Hanako")
    for number in range(205):
        badges.add(Acting(served.site, MACHINE, served.moment), person.id, idm(number))
    assert "page=2" in admin.get("/badge-keys").text
    last = admin.get("/badge-keys?page=2")
    assert last.text.count('class="four"') == 5 and "page=1" in last.text
    assert admin.get("/badge-keys?page=99").text.count('class="four"') == 5


def test_only_administrators_import(served: ServedSite, admin: Client) -> None:
    badge = enrolled(served, "Hanako", idm(1))
    content = file_of(issued(served.site, idm(1)))
    for role in (OperatorRole.SUPERVISOR, OperatorRole.AUDITOR):
        client = served.signed_in(role)
        assert client.get("/badge-keys").status == 200
        assert client.get("/badge-keys/import").status == 403
        assert client.upload("/badge-keys/import", content).status == 403
        assert client.post(f"/badges/{badge.id}/forget-key").status == 403
    assert served.signed_in(OperatorRole.VIEWER).get("/badge-keys").status == 403


def test_file_of_which_every_line_is_left_out_is_refused_with_each_reason(
    served: ServedSite, admin: Client
) -> None:
    page = admin.upload(
        "/badge-keys/import", file_of(issued(served.site, idm(7)), issued(served.site, idm(8)))
    )
    assert page.status == 422 and "all 2 lines of the file are skipped" in page.words
    assert (
        f"Card …{idm(7)[-4:]} is not enrolled" in page.words
        and f"Card …{idm(8)[-4:]} is not enrolled" in page.words
    )
    assert not page.ids(PUBLISH) and "Check the file" in page.words


def test_badges_that_a_file_leaves_behind_after_a_restore_are_reported_before_and_listed_after(
    served: ServedSite, admin: Client
) -> None:
    for name, number in (("Aoki", idm(1)), ("Baba", idm(2)), ("Chiba", idm(3))):
        enrolled(served, name, number)
    every = [issued(served.site, idm(n)) for n in (1, 2)]
    admin.post(admin.upload("/badge-keys/import", file_of(*every)).ids(PUBLISH)[0])
    assert "only=unusable" not in admin.get("/badge-keys").text
    for file in (door_key.private_file, door_key.public_file):
        file(served.site.config.data / "keys").unlink()
    door_key.make(served.site.config.data / "keys")
    assert "Until you import the first key for this pair, they are identified by their number only" in (
        admin.get("/badge-keys").words
    )
    page = admin.upload("/badge-keys/import", file_of(issued(served.site, idm(1))))
    assert "1 badge that is identified by its number now is not in this file" in page.words
    admin.post(page.ids(PUBLISH)[0])
    assert "so it is refused on the way in" in admin.get("/badge-keys").words
    alone = admin.get("/badge-keys?only=unusable")
    assert "Baba" in alone.words and "Aoki" not in alone.words and "Chiba" not in alone.words
    page = admin.upload("/badge-keys/import", file_of(issued(served.site, idm(3))))
    assert "1 badge with a key for another door is not in this file and stays refused" in page.words


def test_old_chips_are_counted_and_shown_alone(served: ServedSite, admin: Client) -> None:
    for name, number in (("Aoki", idm(1)), ("Baba", idm(2)), ("Chiba", idm(3))):
        enrolled(served, name, number)
    lines = [issued(served.site, idm(n), bought=year) for n, year in ((1, 2017), (2, 2018), (3, None))]
    admin.post(admin.upload("/badge-keys/import", file_of(*lines)).ids(PUBLISH)[0])
    every = admin.get("/badge-keys")
    assert 'href="/badge-keys?only=old-chips">2</a>' in every.text
    assert every.text.count("</span> perhaps from before 2018") == 2
    alone = admin.get("/badge-keys?only=old-chips").words
    assert "Aoki" in alone and "Chiba" in alone and "Baba" not in alone


def test_file_of_a_strange_station_is_refused_until_its_id_is_trusted(
    served: ServedSite, admin: Client
) -> None:
    enrolled(served, "Hanako", idm(1))
    other = StationKey(os.urandom(32))
    content = file_of(issued(served.site, idm(1), by=other))
    page = admin.upload("/badge-keys/import", content)
    id_ = station_id(other.public)
    assert page.status == 422 and not page.ids(PUBLISH)
    assert (
        f"issuing station {id_}, which this door does not trust. This door trusts {STATION.id}" in page.words
    )
    assert admin.post("/badge-keys/station", {"station": "nonsense"}).status == 422
    assert admin.post("/badge-keys/station", {"station": other.public}).to == (
        "/badge-keys/import?done=station_trusted"
    )
    assert id_ in admin.get("/badge-keys").words
    assert "Issuing station trusted" in admin.get("/changes").words
    assert admin.upload("/badge-keys/import", content).ids(PUBLISH)

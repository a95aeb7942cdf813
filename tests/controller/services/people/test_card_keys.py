import json
import os
from dataclasses import replace

import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.issuing.signing import StationKey, station_id
from controller.issuing.wrapping import DoorPublicKey
from controller.model.credentials import Assurance
from controller.model.plain_values import to_plain
from controller.registry.lookup import Lookup
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, card_keys, people
from controller.services.people.enrolment import typed_card
from controller.services.site import Site
from tests.controller.erasure import erase
from tests.controller.issuing_side import STATION, file_of, issued, public_key, trust
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, idm


@pytest.fixture(autouse=True)
def trusted(site: Site) -> None:
    trust(site)


@pytest.fixture
def badge(site: Site) -> badges.Badge:
    return enrolled(site, "山田 花子", idm(1))


def enrolled(site: Site, name: str, number: str) -> badges.Badge:
    return badges.add(Acting(site, ADMIN, NOW), people.add(Acting(site, ADMIN, NOW), name).id, number)


def key_at_the_door(site: Site, number: str):
    lookup = Lookup(site.registry.file)
    try:
        return lookup.card_key(typed_card(site, number).card_hash)
    finally:
        lookup.close()


def imported(site: Site, *lines) -> int:
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(*lines))
    assert report.import_id is not None, report
    return card_keys.publish(Acting(site, ADMIN, NOW), report.import_id)


def test_file_is_checked_first_and_holds_at_the_door_only_when_it_is_put_in_force(
    site: Site, badge: badges.Badge
):
    line = issued(site, idm(1))
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(line))
    assert report.changes == (card_keys.KeyChange(1, "山田 花子", badge.last_four, None, 1),)
    assert key_at_the_door(site, idm(1)) is None
    assert card_keys.publish(Acting(site, ADMIN, NOW), report.import_id or "") == 1
    held = key_at_the_door(site, idm(1))
    assert held is not None and (held.version, held.wrapped) == (1, line.wrapped)
    assert badges.get(Acting(site, ADMIN, NOW), badge.id).assurance is Assurance.CARD_KEY


def test_change_is_recorded_with_before_and_after_and_without_the_key(site: Site, badge: badges.Badge):
    first, second = issued(site, idm(1)), issued(site, idm(1), 2)
    imported(site, first)
    imported(site, second)
    newer, older = changes.page(Acting(site, ADMIN, NOW))[:2]
    assert (older.action, newer.action, newer.object_id) == ("badge_key_set", "badge_key_set", badge.id)
    assert older.before is not None and newer.before is not None and newer.after is not None
    assert (older.before["key_version"], older.before["assurance"]) == (None, 0)
    assert (newer.before["key_version"], newer.after["key_version"]) == (1, 2)
    for action in (older, newer):
        for wrapped in (first.wrapped, second.wrapped):
            assert wrapped.hex() not in repr(action)


def test_bad_line_refuses_the_whole_file_and_is_reported_by_its_number(site: Site, badge: badges.Badge):
    content = file_of(issued(site, idm(1))) + b"name,idm\n" + issued(site, idm(1)).line[:80]
    report = card_keys.check(Acting(site, ADMIN, NOW), content)
    assert [(one.line, one.code) for one in report.problems] == [(2, "line_foreign"), (3, "line_damaged")]
    assert report.problem_count == 2 and report.import_id is None


def test_lines_that_say_nothing_to_this_site_are_left_out_with_the_reason(site: Site, badge: badges.Badge):
    lost = enrolled(site, "佐藤", idm(2))
    badges.report_lost(Acting(site, ADMIN, NOW), lost.id)
    lines = [
        issued(site, idm(3)),
        issued(site, idm(2)),
        issued(site, idm(1), door=DoorPublicKey(os.urandom(32))),
        issued(site, idm(1)),
    ]
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(*lines))
    assert [change.line for change in report.changes] == [4]
    own = public_key(site).id
    assert [(one.line, one.code, one.fields) for one in report.skipped] == [
        (1, "card_not_enrolled", {"last_four": idm(3)[-4:]}),
        (2, "card_lost", {"last_four": idm(2)[-4:]}),
        (3, "key_for_another_door", {"last_four": idm(1)[-4:], "other": lines[2].door, "own": own}),
    ]


def test_report_of_a_long_file_has_the_first_hundred_lines_and_the_counts(site: Site, badge: badges.Badge):
    for number in range(2, 103):
        enrolled(site, f"Person {number}", idm(number))
    lines = [issued(site, idm(number)) for number in range(2, 103)]
    strange = [issued(site, idm(number)) for number in range(203, 304)]
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(*lines, *strange))
    assert (len(report.changes), report.change_count) == (100, 101)
    assert (len(report.skipped), report.skipped_count) == (100, 101)
    assert len(json.dumps(to_plain(report))) < 64 * 1024
    assert card_keys.publish(Acting(site, ADMIN, NOW), report.import_id or "") == 101


def test_last_line_about_a_card_counts_and_an_older_key_never_comes_back(site: Site, badge: badges.Badge):
    assert imported(site, issued(site, idm(1), 1), issued(site, idm(1), 2)) == 1
    held = key_at_the_door(site, idm(1))
    assert held is not None and held.version == 2
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1), 1)))
    assert report.import_id is None and report.skipped[0].code == "key_older"
    assert key_at_the_door(site, idm(1)) == held


def test_same_file_again_changes_nothing(site: Site, badge: badges.Badge):
    line = issued(site, idm(1))
    imported(site, line)
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(line))
    assert (report.changes, report.same, report.import_id) == ((), 1, None)


def test_card_issued_for_the_new_pair_of_a_restored_box_takes_the_place_of_the_old_key(
    site: Site, badge: badges.Badge
):
    imported(site, issued(site, idm(1)))
    with unrecorded(site.registry) as db:
        db.execute("UPDATE card_keys SET door = '0123456789abcdef'")  # the pair of the box before
    again = issued(site, idm(1))
    assert imported(site, again) == 1
    held = key_at_the_door(site, idm(1))
    assert held is not None and held.wrapped == again.wrapped


def test_another_key_of_the_same_version_takes_no_place_until_the_first_is_removed(
    site: Site, badge: badges.Badge
):
    imported(site, issued(site, idm(1)))
    good, other = key_at_the_door(site, idm(1)), issued(site, idm(1))
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(other))
    assert report.import_id is None and report.skipped[0].code == "key_differs"
    assert key_at_the_door(site, idm(1)) == good
    card_keys.forget(Acting(site, ADMIN, NOW), badge.id)
    assert imported(site, other) == 1


def test_badge_that_was_lost_between_polling_and_importing_gets_no_key(site: Site, badge: badges.Badge):
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1))))
    badges.report_lost(Acting(site, ADMIN, NOW), badge.id)
    with pytest.raises(Conflict):
        card_keys.publish(Acting(site, ADMIN, NOW), report.import_id or "")
    assert key_at_the_door(site, idm(1)) is None


def test_lost_badge_loses_its_key_and_is_known_by_number_when_it_is_found(site: Site, badge: badges.Badge):
    line = issued(site, idm(1))
    imported(site, line)
    lost = badges.report_lost(Acting(site, ADMIN, NOW), badge.id)
    assert lost.assurance is Assurance.NUMBER_ONLY and key_at_the_door(site, idm(1)) is None
    action = changes.page(Acting(site, ADMIN, NOW))[0]
    assert action.action == "badge_lost" and action.before is not None and action.before["key_version"] == 1
    assert badges.resume(Acting(site, ADMIN, NOW), badge.id).assurance is Assurance.NUMBER_ONLY
    site.registry.scrub()
    site.close()
    assert line.wrapped not in site.registry.file.read_bytes()


def test_erased_person_leaves_no_key(site: Site, badge: badges.Badge):
    line = issued(site, idm(1))
    imported(site, line)
    card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1), 2)))  # staged, too
    erase(site, badge.person_id)
    site.close()
    assert line.wrapped not in site.registry.file.read_bytes()


def test_key_can_be_removed_with_a_reason(site: Site, badge: badges.Badge):
    imported(site, issued(site, idm(1)))
    assert (
        card_keys.forget(Acting(site, ADMIN, NOW), badge.id, "card broken").assurance is Assurance.NUMBER_ONLY
    )
    assert key_at_the_door(site, idm(1)) is None
    action = changes.page(Acting(site, ADMIN, NOW))[0]
    assert (action.action, action.reason) == ("badge_key_removed", "card broken")
    with pytest.raises(NotFound):
        card_keys.forget(Acting(site, ADMIN, NOW), badge.id)


def test_inventory_says_of_every_badge_what_it_proves(site: Site, badge: badges.Badge):
    """Each chip that may be from before 2018 is reported."""
    enrolled(site, "Aoki", idm(2))
    enrolled(site, "Baba", idm(3))
    imported(site, issued(site, idm(1)), issued(site, idm(3), 2, bought=None))
    rows = {row.badge.person_name: row for row in card_keys.inventory(Acting(site, ADMIN, NOW))}
    assert {name: (row.key_version, row.chip_doubtful) for name, row in rows.items()} == {
        "山田 花子": (1, False),
        "Aoki": (None, False),
        "Baba": (2, True),
    }
    assert all(row.usable for row in rows.values() if row.key_version)
    assert card_keys.of_badge(Acting(site, AUDITOR, NOW), badge.id) == rows["山田 花子"]


@pytest.mark.parametrize("operator", [SUPERVISOR, AUDITOR], ids=["supervisor", "auditor"])
def test_only_who_may_manage_badges_may_import(site: Site, badge: badges.Badge, operator):
    content = file_of(issued(site, idm(1)))
    report = card_keys.check(Acting(site, ADMIN, NOW), content)
    for act in (
        lambda: card_keys.check(Acting(site, operator, NOW), content),
        lambda: card_keys.publish(Acting(site, operator, NOW), report.import_id or ""),
        lambda: card_keys.discard(Acting(site, operator, NOW), report.import_id or ""),
        lambda: card_keys.forget(Acting(site, operator, NOW), badge.id),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert key_at_the_door(site, idm(1)) is None


def test_discarded_or_strange_import_is_not_put_in_force(site: Site, badge: badges.Badge):
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1))))
    card_keys.discard(Acting(site, ADMIN, NOW), report.import_id or "")
    for import_id in (report.import_id or "", "0" * 32):
        with pytest.raises(Conflict):
            card_keys.publish(Acting(site, ADMIN, NOW), import_id)


@pytest.mark.parametrize("content", [b"", b"\n\n \r\n", b"\n" * 20_001, b"x" * 8_000_001])
def test_file_without_keys_or_beyond_measure_is_refused(site: Site, content: bytes):
    with pytest.raises(BadInput):
        card_keys.check(Acting(site, ADMIN, NOW), content)


def test_no_card_number_is_in_the_registry(site: Site, badge: badges.Badge):
    card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1))))
    imported(site, issued(site, idm(1), 2))
    site.close()
    stored = b"".join(file.read_bytes() for file in site.registry.file.parent.rglob("*") if file.is_file())
    assert idm(1).encode() not in stored and bytes.fromhex(idm(1)) not in stored


def as_on_another_box(site: Site) -> None:
    """All keys are for the pair of the box before."""
    with unrecorded(site.registry) as db:
        db.execute("UPDATE card_keys SET door = '0123456789abcdef'")


def test_file_of_which_no_line_fits_is_refused_and_one_that_holds_already_is_not(
    site: Site, badge: badges.Badge
):
    strange = issued(site, idm(9))
    assert card_keys.check(Acting(site, ADMIN, NOW), file_of(strange)).nothing_fits
    assert not card_keys.check(Acting(site, ADMIN, NOW), file_of(strange, issued(site, idm(1)))).nothing_fits
    assert not card_keys.check(
        Acting(site, ADMIN, NOW), file_of(strange) + b"{"
    ).nothing_fits  # it has a problem
    line = issued(site, idm(1))
    imported(site, line)
    assert not card_keys.check(Acting(site, ADMIN, NOW), file_of(strange, line)).nothing_fits


def test_newest_version_counts_wherever_its_line_is(site: Site, badge: badges.Badge):
    imported(site, issued(site, idm(1), 2), issued(site, idm(1), 1))
    held = key_at_the_door(site, idm(1))
    assert held is not None and held.version == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_file_that_notepad_saved_is_imported(site: Site, badge: badges.Badge, encoding: str):
    content = file_of(issued(site, idm(1))).decode().encode(encoding)
    report = card_keys.check(Acting(site, ADMIN, NOW), content)
    assert [change.line for change in report.changes] == [1]


def test_badges_that_a_file_leaves_behind_on_another_box_are_counted_before_and_listed_after(
    site: Site, badge: badges.Badge
):
    enrolled(site, "Aoki", idm(2))
    enrolled(site, "Baba", idm(3))
    imported(site, *(issued(site, idm(n)) for n in (1, 2, 3)))
    as_on_another_box(site)
    rows = card_keys.inventory(Acting(site, ADMIN, NOW))
    assert [(row.usable, row.by_number) for row in rows] == [(False, True)] * 3

    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1))))
    assert (report.remaining_unusable, report.by_number_until_then) == (2, True)
    assert [change.was_usable for change in report.changes] == [False]
    card_keys.publish(Acting(site, ADMIN, NOW), report.import_id or "")
    rows = {row.badge.person_name: row for row in card_keys.inventory(Acting(site, ADMIN, NOW))}
    assert {name: (row.usable, row.by_number) for name, row in rows.items()} == {
        "山田 花子": (True, False),
        "Aoki": (False, False),
        "Baba": (False, False),
    }
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(2))))
    assert (report.remaining_unusable, report.by_number_until_then) == (1, False)
    everybody = file_of(issued(site, idm(2)), issued(site, idm(3)))
    assert card_keys.check(Acting(site, ADMIN, NOW), everybody).remaining_unusable == 0


def test_key_of_another_length_is_not_usable(site: Site, badge: badges.Badge):
    imported(site, issued(site, idm(1)))
    with unrecorded(site.registry) as db:
        db.execute("UPDATE card_keys SET wrapped = substr(wrapped, 1, 63)")
    row = card_keys.of_badge(Acting(site, ADMIN, NOW), badge.id)
    assert (row.usable, row.by_number) == (False, False)


def test_file_of_a_strange_station_is_refused_until_it_is_trusted(site: Site, badge: badges.Badge):
    """Anyone who has the file on its way can wrap their own key to the door, for another person's badge."""
    thief = StationKey(os.urandom(32))
    content = file_of(issued(site, idm(1), by=thief))
    report = card_keys.check(Acting(site, ADMIN, NOW), content)
    assert (report.import_id, report.changes, report.station) == (None, (), thief.public)
    card_keys.trust_station(Acting(site, ADMIN, NOW), thief.public)
    assert card_keys.check(Acting(site, ADMIN, NOW), content).import_id is not None
    assert (
        card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1)))).station == STATION.key.public
    )


def test_keys_that_were_checked_are_not_put_in_force_once_another_station_is_trusted(
    site: Site, badge: badges.Badge
):
    """The station before is not trusted for a reason, and its file is still open in another tab."""
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1))))
    assert report.import_id is not None
    card_keys.trust_station(Acting(site, ADMIN, NOW), StationKey(os.urandom(32)).public)
    with pytest.raises(Conflict):
        card_keys.publish(Acting(site, ADMIN, NOW), report.import_id)
    assert key_at_the_door(site, idm(1)) is None


def test_line_of_a_strange_station_among_others_is_left_out(site: Site, badge: badges.Badge):
    enrolled(site, "Aoki", idm(2))
    thief = StationKey(os.urandom(32))
    strange = (issued(site, idm(1), 2, by=thief), issued(site, idm(2), by=thief))
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(*strange, issued(site, idm(1))))
    assert [(change.line, change.after) for change in report.changes] == [(3, 1)]
    assert [(one.line, one.code) for one in report.skipped] == [
        (1, "key_by_a_stranger"),
        (2, "key_by_a_stranger"),
    ]
    assert report.skipped[0].fields["other"] == station_id(thief.public)
    report = card_keys.check(Acting(site, ADMIN, NOW), file_of(issued(site, idm(1)), *strange))
    assert (report.changes, report.station) == ((), thief.public)


def test_file_that_a_rotation_goes_on_with_asks_for_the_new_id_and_tells_nothing_of_lines_it_replaces(
    site: Site, badge: badges.Badge
):
    old, new = issued(site, idm(1)), StationKey(os.urandom(32))
    imported(site, old)
    content = file_of(old, issued(site, idm(1), 2, by=new))
    assert card_keys.check(Acting(site, ADMIN, NOW), content).station == new.public
    card_keys.trust_station(Acting(site, ADMIN, NOW), new.public)
    report = card_keys.check(Acting(site, ADMIN, NOW), content)
    assert [(change.before, change.after) for change in report.changes] == [(1, 2)]
    assert report.skipped == ()


def test_line_that_was_changed_on_its_way_refuses_the_whole_file(site: Site, badge: badges.Badge):
    line = issued(site, idm(1))
    content = file_of(issued(site, idm(1)), replace(line, wrapped=bytes(64)))
    report = card_keys.check(Acting(site, ADMIN, NOW), content)
    assert [one.line for one in report.problems] == [2] and report.import_id is None


def test_trusting_a_station_is_recorded_and_only_for_administrators(site: Site):
    other = StationKey(os.urandom(32))
    card_keys.trust_station(Acting(site, ADMIN, NOW), other.public)
    assert card_keys.trusted_station(site.acting(AUDITOR)) == station_id(other.public)
    action = changes.page(Acting(site, ADMIN, NOW))[0]
    assert action.action == "issuing_station_trusted"
    assert action.before == {"station": station_id(STATION.key.public)}
    assert action.after == {"station": station_id(other.public)}
    for operator in (SUPERVISOR, AUDITOR):
        with pytest.raises(NotPermitted):
            card_keys.trust_station(Acting(site, operator, NOW), STATION.key.public)
    for public in ("", "zz" * 32, other.public[:-2], other.public + "\n"):
        with pytest.raises(BadInput):
            card_keys.trust_station(Acting(site, ADMIN, NOW), public)
    assert card_keys.trusted_station(site.acting(ADMIN)) == station_id(other.public)

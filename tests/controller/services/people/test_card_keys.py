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
from tests.controller.issuing_side import STATION, file_of, issued, public_key, trust
from tests.controller.unrecorded import unrecorded
from tests.sample_house import ADMIN, AUDITOR, NOW, SUPERVISOR, idm


@pytest.fixture(autouse=True)
def trusted(house: Site) -> None:
    trust(house)


@pytest.fixture
def badge(house: Site) -> badges.Badge:
    return enrolled(house, "山田 花子", idm(1))


def enrolled(house: Site, name: str, number: str) -> badges.Badge:
    return badges.add(Acting(house, ADMIN, NOW), people.add(Acting(house, ADMIN, NOW), name).id, number)


def key_at_the_door(house: Site, number: str):
    lookup = Lookup(house.registry.file)
    try:
        return lookup.card_key(typed_card(house, number).card_hash)
    finally:
        lookup.close()


def imported(house: Site, *lines) -> int:
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(*lines))
    assert report.import_id is not None, report
    return card_keys.publish(Acting(house, ADMIN, NOW), report.import_id)


def test_file_is_looked_at_first_and_holds_at_the_door_only_when_it_is_put_in_force(
    house: Site, badge: badges.Badge
):
    line = issued(house, idm(1))
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(line))
    assert report.changes == (card_keys.KeyChange(1, "山田 花子", badge.last_four, None, 1),)
    assert key_at_the_door(house, idm(1)) is None
    assert card_keys.publish(Acting(house, ADMIN, NOW), report.import_id or "") == 1
    held = key_at_the_door(house, idm(1))
    assert held is not None and (held.version, held.wrapped) == (1, line.wrapped)
    assert badges.get(Acting(house, ADMIN, NOW), badge.id).assurance is Assurance.CARD_KEY


def test_change_is_recorded_with_before_and_after_and_without_the_key(house: Site, badge: badges.Badge):
    first, second = issued(house, idm(1)), issued(house, idm(1), 2)
    imported(house, first)
    imported(house, second)
    newer, older = changes.page(Acting(house, ADMIN, NOW))[:2]
    assert (older.action, newer.action, newer.object_id) == ("badge_key_set", "badge_key_set", badge.id)
    assert older.before is not None and newer.before is not None and newer.after is not None
    assert (older.before["key_version"], older.before["assurance"]) == (None, 0)
    assert (newer.before["key_version"], newer.after["key_version"]) == (1, 2)
    for action in (older, newer):
        for wrapped in (first.wrapped, second.wrapped):
            assert wrapped.hex() not in repr(action)


def test_bad_line_refuses_the_whole_file_and_is_told_by_its_number(house: Site, badge: badges.Badge):
    content = file_of(issued(house, idm(1))) + b"name,idm\n" + issued(house, idm(1)).line[:80]
    report = card_keys.check(Acting(house, ADMIN, NOW), content)
    assert [(one.line, one.code) for one in report.problems] == [(2, "line_foreign"), (3, "line_damaged")]
    assert report.problem_count == 2 and report.import_id is None


def test_lines_that_say_nothing_to_this_house_are_left_out_with_the_reason(house: Site, badge: badges.Badge):
    lost = enrolled(house, "佐藤", idm(2))
    badges.report_lost(Acting(house, ADMIN, NOW), lost.id)
    lines = [
        issued(house, idm(3)),
        issued(house, idm(2)),
        issued(house, idm(1), door=DoorPublicKey(os.urandom(32))),
        issued(house, idm(1)),
    ]
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(*lines))
    assert [change.line for change in report.changes] == [4]
    own = public_key(house).id
    assert [(one.line, one.code, one.fields) for one in report.skipped] == [
        (1, "card_not_enrolled", {"last_four": idm(3)[-4:]}),
        (2, "card_lost", {"last_four": idm(2)[-4:]}),
        (3, "key_for_another_door", {"last_four": idm(1)[-4:], "other": lines[2].door, "own": own}),
    ]


def test_report_of_a_long_file_has_the_first_hundred_lines_and_the_counts(house: Site, badge: badges.Badge):
    for number in range(2, 103):
        enrolled(house, f"Person {number}", idm(number))
    lines = [issued(house, idm(number)) for number in range(2, 103)]
    strange = [issued(house, idm(number)) for number in range(203, 304)]
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(*lines, *strange))
    assert (len(report.changes), report.change_count) == (100, 101)
    assert (len(report.skipped), report.skipped_count) == (100, 101)
    assert len(json.dumps(to_plain(report))) < 64 * 1024
    assert card_keys.publish(Acting(house, ADMIN, NOW), report.import_id or "") == 101


def test_last_line_about_a_card_counts_and_an_older_key_never_comes_back(house: Site, badge: badges.Badge):
    assert imported(house, issued(house, idm(1), 1), issued(house, idm(1), 2)) == 1
    held = key_at_the_door(house, idm(1))
    assert held is not None and held.version == 2
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1), 1)))
    assert report.import_id is None and report.skipped[0].code == "key_older"
    assert key_at_the_door(house, idm(1)) == held


def test_same_file_again_changes_nothing(house: Site, badge: badges.Badge):
    line = issued(house, idm(1))
    imported(house, line)
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(line))
    assert (report.changes, report.same, report.import_id) == ((), 1, None)


def test_card_issued_for_the_new_pair_of_a_restored_box_takes_the_place_of_the_old_key(
    house: Site, badge: badges.Badge
):
    imported(house, issued(house, idm(1)))
    with unrecorded(house.registry) as db:
        db.execute("UPDATE card_keys SET door = '0123456789abcdef'")  # the pair of the box before
    again = issued(house, idm(1))
    assert imported(house, again) == 1
    held = key_at_the_door(house, idm(1))
    assert held is not None and held.wrapped == again.wrapped


def test_another_key_of_the_same_version_takes_no_place_until_the_first_is_taken_away(
    house: Site, badge: badges.Badge
):
    imported(house, issued(house, idm(1)))
    good, other = key_at_the_door(house, idm(1)), issued(house, idm(1))
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(other))
    assert report.import_id is None and report.skipped[0].code == "key_differs"
    assert key_at_the_door(house, idm(1)) == good
    card_keys.forget(Acting(house, ADMIN, NOW), badge.id)
    assert imported(house, other) == 1


def test_badge_that_was_lost_between_looking_and_importing_gets_no_key(house: Site, badge: badges.Badge):
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1))))
    badges.report_lost(Acting(house, ADMIN, NOW), badge.id)
    with pytest.raises(Conflict):
        card_keys.publish(Acting(house, ADMIN, NOW), report.import_id or "")
    assert key_at_the_door(house, idm(1)) is None


def test_lost_badge_loses_its_key_and_is_known_by_number_when_it_is_found(house: Site, badge: badges.Badge):
    line = issued(house, idm(1))
    imported(house, line)
    lost = badges.report_lost(Acting(house, ADMIN, NOW), badge.id)
    assert lost.assurance is Assurance.NUMBER_ONLY and key_at_the_door(house, idm(1)) is None
    action = changes.page(Acting(house, ADMIN, NOW))[0]
    assert action.action == "badge_lost" and action.before is not None and action.before["key_version"] == 1
    assert badges.resume(Acting(house, ADMIN, NOW), badge.id).assurance is Assurance.NUMBER_ONLY
    house.registry.scrub()
    house.close()
    assert line.wrapped not in house.registry.file.read_bytes()


def test_erased_person_leaves_no_key(house: Site, badge: badges.Badge):
    line = issued(house, idm(1))
    imported(house, line)
    card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1), 2)))  # staged, too
    from controller.services import erasures

    erasures.erase(Acting(house, ADMIN, NOW), badge.person_id, "asked for it")
    house.close()
    assert line.wrapped not in house.registry.file.read_bytes()


def test_key_can_be_taken_away_with_a_reason(house: Site, badge: badges.Badge):
    imported(house, issued(house, idm(1)))
    assert (
        card_keys.forget(Acting(house, ADMIN, NOW), badge.id, "card broken").assurance
        is Assurance.NUMBER_ONLY
    )
    assert key_at_the_door(house, idm(1)) is None
    action = changes.page(Acting(house, ADMIN, NOW))[0]
    assert (action.action, action.reason) == ("badge_key_removed", "card broken")
    with pytest.raises(NotFound):
        card_keys.forget(Acting(house, ADMIN, NOW), badge.id)


def test_inventory_says_of_every_badge_what_it_proves(house: Site, badge: badges.Badge):
    """Each chip that may be from before 2018 is reported."""
    enrolled(house, "Aoki", idm(2))
    enrolled(house, "Baba", idm(3))
    imported(house, issued(house, idm(1)), issued(house, idm(3), 2, bought=None))
    rows = {row.badge.person_name: row for row in card_keys.inventory(Acting(house, ADMIN, NOW))}
    assert {name: (row.key_version, row.chip_doubtful) for name, row in rows.items()} == {
        "山田 花子": (1, False),
        "Aoki": (None, False),
        "Baba": (2, True),
    }
    assert all(row.usable for row in rows.values() if row.key_version)
    assert card_keys.of_badge(Acting(house, AUDITOR, NOW), badge.id) == rows["山田 花子"]


@pytest.mark.parametrize("operator", [SUPERVISOR, AUDITOR], ids=["supervisor", "auditor"])
def test_only_who_may_manage_badges_may_import(house: Site, badge: badges.Badge, operator):
    content = file_of(issued(house, idm(1)))
    report = card_keys.check(Acting(house, ADMIN, NOW), content)
    for act in (
        lambda: card_keys.check(Acting(house, operator, NOW), content),
        lambda: card_keys.publish(Acting(house, operator, NOW), report.import_id or ""),
        lambda: card_keys.discard(Acting(house, operator, NOW), report.import_id or ""),
        lambda: card_keys.forget(Acting(house, operator, NOW), badge.id),
    ):
        with pytest.raises(NotPermitted):
            act()
    assert key_at_the_door(house, idm(1)) is None


def test_discarded_or_strange_import_is_not_put_in_force(house: Site, badge: badges.Badge):
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1))))
    card_keys.discard(Acting(house, ADMIN, NOW), report.import_id or "")
    for import_id in (report.import_id or "", "0" * 32):
        with pytest.raises(Conflict):
            card_keys.publish(Acting(house, ADMIN, NOW), import_id)


@pytest.mark.parametrize("content", [b"", b"\n\n \r\n", b"\n" * 20_001, b"x" * 8_000_001])
def test_file_without_keys_or_beyond_measure_is_refused(house: Site, content: bytes):
    with pytest.raises(BadInput):
        card_keys.check(Acting(house, ADMIN, NOW), content)


def test_no_card_number_is_in_the_registry(house: Site, badge: badges.Badge):
    card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1))))
    imported(house, issued(house, idm(1), 2))
    house.close()
    stored = b"".join(file.read_bytes() for file in house.registry.file.parent.iterdir())
    assert idm(1).encode() not in stored and bytes.fromhex(idm(1)) not in stored


def as_on_another_box(house: Site) -> None:
    """All keys are for the pair of the box before."""
    with unrecorded(house.registry) as db:
        db.execute("UPDATE card_keys SET door = '0123456789abcdef'")


def test_file_of_which_no_line_fits_is_refused_and_one_that_holds_already_is_not(
    house: Site, badge: badges.Badge
):
    strange = issued(house, idm(9))
    assert card_keys.check(Acting(house, ADMIN, NOW), file_of(strange)).nothing_fits
    assert not card_keys.check(
        Acting(house, ADMIN, NOW), file_of(strange, issued(house, idm(1)))
    ).nothing_fits
    assert not card_keys.check(
        Acting(house, ADMIN, NOW), file_of(strange) + b"{"
    ).nothing_fits  # it has a problem
    line = issued(house, idm(1))
    imported(house, line)
    assert not card_keys.check(Acting(house, ADMIN, NOW), file_of(strange, line)).nothing_fits


def test_newest_version_counts_wherever_its_line_stands(house: Site, badge: badges.Badge):
    imported(house, issued(house, idm(1), 2), issued(house, idm(1), 1))
    held = key_at_the_door(house, idm(1))
    assert held is not None and held.version == 2


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_file_that_notepad_saved_is_imported(house: Site, badge: badges.Badge, encoding: str):
    content = file_of(issued(house, idm(1))).decode().encode(encoding)
    report = card_keys.check(Acting(house, ADMIN, NOW), content)
    assert [change.line for change in report.changes] == [1]


def test_badges_that_a_file_leaves_behind_on_another_box_are_counted_before_and_listed_after(
    house: Site, badge: badges.Badge
):
    enrolled(house, "Aoki", idm(2))
    enrolled(house, "Baba", idm(3))
    imported(house, *(issued(house, idm(n)) for n in (1, 2, 3)))
    as_on_another_box(house)
    rows = card_keys.inventory(Acting(house, ADMIN, NOW))
    assert [(row.usable, row.by_number) for row in rows] == [(False, True)] * 3

    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1))))
    assert (report.remaining_unusable, report.by_number_until_then) == (2, True)
    assert [change.was_usable for change in report.changes] == [False]
    card_keys.publish(Acting(house, ADMIN, NOW), report.import_id or "")
    rows = {row.badge.person_name: row for row in card_keys.inventory(Acting(house, ADMIN, NOW))}
    assert {name: (row.usable, row.by_number) for name, row in rows.items()} == {
        "山田 花子": (True, False),
        "Aoki": (False, False),
        "Baba": (False, False),
    }
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(2))))
    assert (report.remaining_unusable, report.by_number_until_then) == (1, False)
    everybody = file_of(issued(house, idm(2)), issued(house, idm(3)))
    assert card_keys.check(Acting(house, ADMIN, NOW), everybody).remaining_unusable == 0


def test_key_of_another_length_is_not_usable(house: Site, badge: badges.Badge):
    imported(house, issued(house, idm(1)))
    with unrecorded(house.registry) as db:
        db.execute("UPDATE card_keys SET wrapped = substr(wrapped, 1, 63)")
    row = card_keys.of_badge(Acting(house, ADMIN, NOW), badge.id)
    assert (row.usable, row.by_number) == (False, False)


def test_file_of_a_strange_station_is_refused_until_it_is_trusted(house: Site, badge: badges.Badge):
    """Anyone who has the file on its way can wrap their own key to the door, for another person's badge."""
    thief = StationKey(os.urandom(32))
    content = file_of(issued(house, idm(1), by=thief))
    report = card_keys.check(Acting(house, ADMIN, NOW), content)
    assert (report.import_id, report.changes, report.station) == (None, (), thief.public)
    card_keys.trust_station(Acting(house, ADMIN, NOW), thief.public)
    assert card_keys.check(Acting(house, ADMIN, NOW), content).import_id is not None
    assert (
        card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1)))).station
        == STATION.key.public
    )


def test_keys_that_were_looked_at_are_not_put_in_force_once_another_station_is_trusted(
    house: Site, badge: badges.Badge
):
    """The station before is not trusted for a reason, and its file is still open in another tab."""
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1))))
    assert report.import_id is not None
    card_keys.trust_station(Acting(house, ADMIN, NOW), StationKey(os.urandom(32)).public)
    with pytest.raises(Conflict):
        card_keys.publish(Acting(house, ADMIN, NOW), report.import_id)
    assert key_at_the_door(house, idm(1)) is None


def test_line_of_a_strange_station_among_others_is_left_out(house: Site, badge: badges.Badge):
    enrolled(house, "Aoki", idm(2))
    thief = StationKey(os.urandom(32))
    strange = (issued(house, idm(1), 2, by=thief), issued(house, idm(2), by=thief))
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(*strange, issued(house, idm(1))))
    assert [(change.line, change.after) for change in report.changes] == [(3, 1)]
    assert [(one.line, one.code) for one in report.skipped] == [
        (1, "key_by_a_stranger"),
        (2, "key_by_a_stranger"),
    ]
    assert report.skipped[0].fields["other"] == station_id(thief.public)
    report = card_keys.check(Acting(house, ADMIN, NOW), file_of(issued(house, idm(1)), *strange))
    assert (report.changes, report.station) == ((), thief.public)


def test_file_that_a_rotation_goes_on_with_asks_for_the_new_id_and_tells_nothing_of_lines_it_replaces(
    house: Site, badge: badges.Badge
):
    old, new = issued(house, idm(1)), StationKey(os.urandom(32))
    imported(house, old)
    content = file_of(old, issued(house, idm(1), 2, by=new))
    assert card_keys.check(Acting(house, ADMIN, NOW), content).station == new.public
    card_keys.trust_station(Acting(house, ADMIN, NOW), new.public)
    report = card_keys.check(Acting(house, ADMIN, NOW), content)
    assert [(change.before, change.after) for change in report.changes] == [(1, 2)]
    assert report.skipped == ()


def test_line_that_was_changed_on_its_way_refuses_the_whole_file(house: Site, badge: badges.Badge):
    line = issued(house, idm(1))
    content = file_of(issued(house, idm(1)), replace(line, wrapped=bytes(64)))
    report = card_keys.check(Acting(house, ADMIN, NOW), content)
    assert [one.line for one in report.problems] == [2] and report.import_id is None


def test_trusting_a_station_is_recorded_and_only_for_administrators(house: Site):
    other = StationKey(os.urandom(32))
    card_keys.trust_station(Acting(house, ADMIN, NOW), other.public)
    assert card_keys.trusted_station(house.acting(AUDITOR)) == station_id(other.public)
    action = changes.page(Acting(house, ADMIN, NOW))[0]
    assert action.action == "issuing_station_trusted"
    assert action.before == {"station": station_id(STATION.key.public)}
    assert action.after == {"station": station_id(other.public)}
    for operator in (SUPERVISOR, AUDITOR):
        with pytest.raises(NotPermitted):
            card_keys.trust_station(Acting(house, operator, NOW), STATION.key.public)
    for public in ("", "zz" * 32, other.public[:-2], other.public + "\n"):
        with pytest.raises(BadInput):
            card_keys.trust_station(Acting(house, ADMIN, NOW), public)
    assert card_keys.trusted_station(house.acting(ADMIN)) == station_id(other.public)

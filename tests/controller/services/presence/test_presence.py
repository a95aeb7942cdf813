from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time

import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.model.operators import Operator
from controller.model.orders import OperatorAction
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.registry import actions
from controller.services.acting import Acting
from controller.services.presence import presence
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.floor_side import BOOK, FLOOR, FloorSide
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, VIEWER, later


@pytest.fixture
def floor(site: Site) -> Iterator[FloorSide]:
    with FloorSide(site) as floor:
        yield floor


def inside(site: Site, operator: Operator = AUDITOR) -> list[str | None]:
    return [one.name for area in presence.roster(Acting(site, operator, NOW)).areas for one in area.people]


def missed(site: Site, hours: float = 1) -> list[tuple[str, str | None]]:
    return [(one.kind.value, one.name) for one in presence.missed(Acting(site, AUDITOR, later(hours=hours)))]


def action(site: Site, kind: str) -> OperatorAction:
    with site.registry.read() as db:
        return [one for one in actions.actions_after(db, 0, 1000) if one.action == kind][-1]


def test_people_inside_are_named_with_category_and_since_when(site: Site, floor: FloorSide) -> None:
    floor.taps("佐藤 太郎", "in")
    floor.taps("鈴木 次郎", "in", later(minutes=1))
    (area,) = presence.roster(Acting(site, SUPERVISOR, NOW)).areas
    assert (area.name, area.label_ja) == ("floor", "フロア")
    assert [(one.name, one.category_ja, one.since) for one in area.people] == [
        ("佐藤 太郎", "管理者", NOW.utc),
        ("鈴木 次郎", "管理者", later(minutes=1).utc),
    ]
    floor.taps("佐藤 太郎", "out", later(minutes=2))
    assert inside(site) == ["鈴木 次郎"]


def test_area_the_rules_no_longer_know_is_shown_while_somebody_is_in_it(site: Site, floor: FloorSide) -> None:
    floor.taps("佐藤 太郎", "in", area="annex")
    assert [area.name for area in presence.roster(Acting(site, SUPERVISOR, NOW)).areas] == ["floor", "annex"]
    assert presence.empty(Acting(site, SUPERVISOR, NOW), "annex", "closed down") == 1
    assert [area.name for area in presence.roster(Acting(site, SUPERVISOR, NOW)).areas] == ["floor"]


def test_what_earlier_rules_knew_is_still_called_by_its_label(site: Site, floor: FloorSide) -> None:
    floor.taps("佐藤 太郎", "in")
    floor.taps("鈴木 次郎", "out", later(minutes=1))
    hall = replace(FLOOR, name="hall", label_ja="ホール")
    guest = replace(BOOK.categories["sv"], name="guest")
    for version in ("the floor is no area any more", "nor is it later"):
        rule_books.publish(
            Acting(site, ADMIN, NOW),
            replace(BOOK, areas={"hall": hall}, categories={"guest": guest}),
            version,
        )
    there, gone = presence.roster(Acting(site, SUPERVISOR, NOW)).areas
    assert (there.name, there.is_removed) == ("hall", False)
    assert (gone.name, gone.label_ja, gone.is_removed) == ("floor", "フロア", True)
    assert gone.people[0].category_ja == "管理者"
    assert [one.area_ja for one in presence.missed(Acting(site, AUDITOR, NOW))] == ["フロア"]
    assert [one.area_ja for one in presence.first_last(Acting(site, AUDITOR, NOW))] == ["フロア"]


def test_viewer_sees_nobody_and_an_auditor_corrects_nothing(site: Site, floor: FloorSide) -> None:
    for view in (presence.roster, presence.muster, presence.missed):
        with pytest.raises(NotPermitted):
            view(Acting(site, VIEWER, NOW))
    person = floor.add("佐藤 太郎")
    with pytest.raises(NotPermitted):
        presence.correct(Acting(site, AUDITOR, NOW), person, "floor", "x")
    with pytest.raises(NotPermitted):
        presence.forgive(Acting(site, AUDITOR, NOW), person, "x")
    with pytest.raises(NotPermitted):
        presence.empty(Acting(site, AUDITOR, NOW), "floor", "x")
    with pytest.raises(NotPermitted):
        presence.resolve(Acting(site, AUDITOR, NOW), 1, True, "x")


def test_views_are_recorded_once_in_ten_minutes_and_each_muster_list(site: Site, floor: FloorSide) -> None:
    for minutes in (0, 5, 11):
        presence.roster(Acting(site, SUPERVISOR, later(minutes=minutes)))
        presence.muster(Acting(site, SUPERVISOR, later(minutes=minutes)))
    with site.registry.read() as db:
        rows = [one for one in actions.actions_after(db, 0, 1000) if one.operator_id == SUPERVISOR.id]
    assert [one.action for one in rows].count("log_viewed") == 2
    assert [one.action for one in rows].count("muster_printed") == 3
    assert rows[0].after == {"view": "presence"}


def test_missed_tap_is_resolved_with_a_reason_and_leaves_the_list(site: Site, floor: FloorSide) -> None:
    floor.taps("佐藤 太郎", "out")
    twice = [floor.taps("鈴木 次郎", "in", later(minutes=at)) for at in (1, 9)]
    assert missed(site) == [("in_without_out", "鈴木 次郎"), ("out_without_in", "佐藤 太郎")]
    with pytest.raises(BadInput, match="reason"):
        presence.resolve(Acting(site, SUPERVISOR, NOW), twice[1], False, " ")
    presence.resolve(Acting(site, SUPERVISOR, NOW), twice[1], False, "went out behind a colleague")
    assert missed(site) == [("out_without_in", "佐藤 太郎")], "before the door has copied it"
    with pytest.raises(NotFound, match="see the list"):
        presence.resolve(Acting(site, SUPERVISOR, NOW), twice[1], False, "again")
    floor.copies()
    assert missed(site) == [("out_without_in", "佐藤 太郎")]
    assert inside(site) == ["鈴木 次郎"]
    done = action(site, "presence_corrected")
    assert (done.object_type, done.object_id) == ("person", floor.ids["鈴木 次郎"])
    assert done.after == {
        "name": "鈴木 次郎", "missed": "in_without_out", "resolves": twice[1], "kept": 1,
    }  # fmt: skip


def test_person_still_inside_at_four_in_the_morning_is_counted_out_or_kept(
    site: Site, floor: FloorSide
) -> None:
    """NOW is 15:00 in Tokyo."""
    first = floor.taps("佐藤 太郎", "in")
    second = floor.taps("鈴木 次郎", "in")
    assert missed(site, hours=12) == []
    assert len(missed(site, hours=14)) == 2
    night = later(hours=14)
    presence.resolve(Acting(site, SUPERVISOR, night), first, True, "seen leaving")
    presence.resolve(Acting(site, SUPERVISOR, night), second, False, "works through the night")
    for _ in range(2):
        assert missed(site, hours=14) == [] and inside(site) == ["鈴木 次郎"]
        floor.copies(night)
    assert missed(site, hours=38) == [("still_inside", "鈴木 次郎")], "asked again the next day"


def test_person_is_put_where_they_are_or_outside(site: Site, floor: FloorSide) -> None:
    person = floor.add("佐藤 太郎")
    with pytest.raises(NotFound, match="no area lobby"):
        presence.correct(Acting(site, SUPERVISOR, NOW), person, "lobby", "x")
    with pytest.raises(Conflict, match="not counted inside"):
        presence.correct(Acting(site, SUPERVISOR, NOW), person, None, "x")
    presence.correct(Acting(site, SUPERVISOR, NOW), person, "floor", "came in behind a colleague")
    assert inside(site) == ["佐藤 太郎"]
    with pytest.raises(Conflict, match="already"):
        presence.correct(Acting(site, SUPERVISOR, NOW), person, "floor", "x")
    floor.copies()
    assert inside(site) == ["佐藤 太郎"]
    presence.correct(Acting(site, SUPERVISOR, NOW), person, None, "seen leaving")
    assert inside(site) == []
    with pytest.raises(NotFound, match="no such person"):
        presence.correct(Acting(site, SUPERVISOR, NOW), "nobody", None, "x")


def test_forgiving_somebody_outside_or_an_empty_area_is_one_sentence(site: Site, floor: FloorSide) -> None:
    person = floor.add("佐藤 太郎")
    with pytest.raises(BadInput, match="is outside according to the log"):
        presence.forgive(Acting(site, SUPERVISOR, NOW), person, "x")
    with pytest.raises(BadInput, match="Nobody is counted inside floor"):
        presence.forgive_area(Acting(site, SUPERVISOR, NOW), "floor", "x")
    with pytest.raises(NotFound, match="no area lobby"):
        presence.empty(Acting(site, SUPERVISOR, NOW), "lobby", "x")
    with site.registry.read() as db:
        assert not [one for one in actions.actions_after(db, 0, 1000) if one.action == "forgiven"]


def test_anyone_who_is_outside_and_refused_for_some_minutes_yet_can_be_forgiven(
    site: Site, floor: FloorSide
) -> None:
    rules = {RuleName.ANTI_PASSBACK: AntiPassbackSetting(RuleMode.ENFORCE, minutes=10)}
    rule_books.publish(
        Acting(site, ADMIN, NOW), replace(BOOK, areas={"floor": replace(FLOOR, rules=rules)}), ""
    )
    floor.taps("佐藤 太郎", "in")
    floor.taps("佐藤 太郎", "out", later(minutes=1))
    person = floor.ids["佐藤 太郎"]
    with pytest.raises(BadInput, match="is outside according to the log"):
        presence.forgive(Acting(site, SUPERVISOR, later(minutes=10)), person, "x")
    presence.forgive(Acting(site, SUPERVISOR, later(minutes=9)), person, "forgot a bag")
    assert site.presence.now().presence.is_forgiven(person)


def test_forgiven_person_and_area_are_shown_and_recorded(site: Site, floor: FloorSide) -> None:
    floor.taps("佐藤 太郎", "in")
    floor.taps("鈴木 次郎", "in")
    presence.forgive(Acting(site, SUPERVISOR, NOW), floor.ids["佐藤 太郎"], "door was held open")
    (area,) = presence.roster(Acting(site, SUPERVISOR, NOW)).areas
    assert [one.forgiven for one in area.people] == [True, False]
    assert presence.forgive_area(Acting(site, SUPERVISOR, NOW), "floor", "fire drill") == 2
    floor.copies()
    (area,) = presence.roster(Acting(site, SUPERVISOR, NOW)).areas
    assert [one.forgiven for one in area.people] == [True, True]
    assert action(site, "forgiven").after == {"area": "floor", "people": 2}


def test_first_in_and_last_out_of_each_day_are_named(site: Site, floor: FloorSide) -> None:
    floor.taps("佐藤 太郎", "in")
    floor.taps("鈴木 次郎", "in", later(minutes=1))
    floor.taps("佐藤 太郎", "out", later(hours=2))
    floor.taps("鈴木 次郎", "out", later(hours=14))
    after_four, before_four = presence.first_last(Acting(site, AUDITOR, NOW))
    assert (after_four.day, before_four.day) == (date(2026, 11, 25), date(2026, 11, 24))
    assert after_four.first is None and after_four.last is not None and after_four.last.name == "鈴木 次郎"
    assert before_four.first is not None and before_four.first.name == "佐藤 太郎"
    assert before_four.last is not None and before_four.last.utc == later(hours=2).utc
    with pytest.raises(NotPermitted):
        presence.first_last(Acting(site, VIEWER, NOW))


def test_day_ends_when_the_configuration_says(site: Site, floor: FloorSide) -> None:
    """NOW is 15:00 in Tokyo; a site with night shifts ends its day at noon."""
    floor.taps("佐藤 太郎", "in")
    floor.taps("佐藤 太郎", "out", later(hours=14))
    settings = replace(site.config.site, day_ends=time(12))
    nights = Site(replace(site.config, site=settings), site.registry, site.journal, site.key, site.now)
    assert len(presence.first_last(Acting(nights, AUDITOR, NOW))) == 1
    floor.taps("鈴木 次郎", "in", later(hours=1))
    assert presence.missed(Acting(nights, AUDITOR, later(hours=20))) == []
    assert len(presence.missed(Acting(nights, AUDITOR, later(hours=22)))) == 1

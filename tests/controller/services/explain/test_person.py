"""Explain whether a person may enter at a place and time, all as typed."""

from datetime import UTC, datetime

import pytest

from controller.errors import BadInput, NotFound, NotPermitted
from controller.model.access import TimeWindow
from controller.model.credentials import CredentialStatus
from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.model.reasons import DenyReason
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.explain import person as explain
from controller.services.explain.person import Explained, ExplainNote
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.services.door_side import DoorSide
from tests.controller.services.floor_book import book
from tests.sample_site import NOW, VIEWER, idm, later, opened_site


def worker(site: Site) -> str:
    """Tuesdays from nine to six; NOW is a Tuesday, three in the afternoon."""
    shift = schedules.add(Acting(site, MACHINE, NOW), "Day", [TimeWindow(1, 540, 1080)])
    level = levels.add(Acting(site, MACHINE, NOW), "Staff", [("entrance-in", shift.id)])
    person = people.add(Acting(site, MACHINE, NOW), "山田 花子", levels=[level.id])
    badges.add(Acting(site, MACHINE, NOW), person.id, idm(1))
    return person.id


def explained_for(site: Site, person: str, at: str = "", point: str = "entrance-in") -> Explained:
    return explain.explain(Acting(site, MACHINE, NOW), person, point, explain.moment(site, at))


def reason(explained: Explained) -> DenyReason | None:
    return explained.explanation.verdict.reason


def test_time_is_that_of_the_clock_on_the_wall(site: Site) -> None:
    person = worker(site)
    assert reason(explained_for(site, person)) is None
    assert reason(explained_for(site, person, "2026-11-24 17:59")) is None
    late = explained_for(site, person, "2026-11-24 18:00")
    assert (reason(late), late.notes) == (
        DenyReason.OUTSIDE_SCHEDULE,
        (ExplainNote.STILL_TO_COME, ExplainNote.DOORS_NOT_KNOWN),
    )
    early = explained_for(site, person, "2026-11-24 08:59")
    assert reason(early) is DenyReason.OUTSIDE_SCHEDULE
    assert ExplainNote.PEOPLE_AS_NOW in early.notes


@pytest.mark.parametrize(
    "typed", ["2026-11-25 22:30", "2026/11/25 22:30", "2026-11-25T22:30", " 2026-11-25 22:30:00"]
)
def test_time_may_be_written_in_several_ways(site: Site, typed: str) -> None:
    assert explain.moment(site, typed) == datetime(2026, 11, 25, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "typed", ["tomorrow", "2026-11-25", "25:00", "2026-11-25 25:00", "2026-02-30 10:00", "1999-01-01 00:00"]
)
def test_what_is_not_a_time_is_refused_in_one_sentence(site: Site, typed: str) -> None:
    with pytest.raises(BadInput, match="This is not a time") as refused:
        explain.moment(site, typed)
    assert refused.value.field == "at"


def test_badge_that_is_in_use_is_asked_about(site: Site) -> None:
    person = worker(site)
    old = badges.get(Acting(site, MACHINE, NOW), people.get(Acting(site, MACHINE, NOW), person).badges[0].id)
    badges.report_lost(Acting(site, MACHINE, NOW), old.id)
    assert reason(explained_for(site, person)) is DenyReason.CREDENTIAL_LOST
    new = badges.add(Acting(site, MACHINE, NOW), person, idm(2))
    found = explained_for(site, person)
    assert (reason(found), found.last_four, found.notes) == (
        None,
        new.last_four,
        (ExplainNote.NOT_THE_ONLY_BADGE,),
    )
    lost = explain.explain(Acting(site, MACHINE, NOW), person, "entrance-in", badge=old.id)
    assert (reason(lost), new.status) == (DenyReason.CREDENTIAL_LOST, CredentialStatus.ACTIVE)


def test_nobody_nowhere_and_no_badge_are_one_sentence_each(site: Site) -> None:
    person = people.add(Acting(site, MACHINE, NOW), "Taro").id
    with pytest.raises(NotFound, match="has no badge"):
        explained_for(site, person)
    with pytest.raises(NotFound):
        explained_for(site, "nobody")
    with pytest.raises(BadInput, match="There is no access point back-door; choose one of: entrance-in"):
        explained_for(site, person, point="back-door")
    with pytest.raises(NotPermitted):
        explain.explain(Acting(site, VIEWER, NOW), person, "entrance-in")


def test_past_moment_is_judged_by_the_rules_then_in_force_and_who_was_inside(site: Site) -> None:
    person = worker(site)
    rule_books.publish(Acting(site, MACHINE, later(minutes=-30)), book(), "first")
    rule_books.publish(Acting(site, MACHINE, later(minutes=-10)), book(), "second")
    with DoorSide(site) as door:
        door.record(
            EventType.ACCESS_GRANTED,
            later(minutes=-20),
            access_point="entrance-in",
            direction="in",
            person=person,
            codes={"area": "floor", "category": "agency"},
        )
        versions = [
            explained_for(site, person, typed).rules_version
            for typed in ("2026-11-24 14:29", "2026-11-24 14:45", "2026-11-24 14:55", "")
        ]
        assert versions == [0, 1, 2, 2]


def test_leaving_is_never_refused(site: Site) -> None:
    person = worker(site)
    badges.report_lost(
        Acting(site, MACHINE, NOW), people.get(Acting(site, MACHINE, NOW), person).badges[0].id
    )
    assert explained_for(site, person, point="entrance-out").explanation.admitted


def test_site_that_never_ran_has_nobody_inside(tmp_path_factory: pytest.TempPathFactory) -> None:
    with opened_site(tmp_path_factory.mktemp("new") / "data") as site:
        assert reason(explained_for(site, worker(site))) is None

"""Access for a limited time: granted, displayed, recorded; the door obeys it to the minute."""

from datetime import UTC, date, datetime, timedelta

import pytest

from controller.errors import BadInput, NotFound, NotPermitted
from controller.model.operators import MACHINE
from controller.services.access import level_times, levels
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, people
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW, idm, later

START, END = datetime(2027, 3, 1, 0, 0, tzinfo=UTC), datetime(2027, 3, 31, 9, 30, tzinfo=UTC)


@pytest.fixture
def level(site: Site) -> str:
    return levels.add(Acting(site, ADMIN, NOW), "Floor", [("entrance-in", "always")]).id


@pytest.fixture
def person(site: Site) -> str:
    return people.add(Acting(site, ADMIN, NOW), "山田 花子").id


def test_level_is_granted_for_a_time_with_a_record_of_before_and_after(
    site: Site, person: str, level: str
) -> None:
    level_times.hold(Acting(site, ADMIN, NOW), person, level, START, END)
    (held,) = people.get(Acting(site, ADMIN, NOW), person).levels
    assert (held.name, held.valid_from, held.valid_until) == ("Floor", START, END)
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert change.before is not None and change.before["levels"] == []
    assert change.after is not None
    assert change.after["levels"] == ["Floor (2027-03-01 09:00 – 2027-03-31 18:30)"]
    level_times.hold(Acting(site, ADMIN, NOW), person, level, None, None)
    assert people.get(Acting(site, ADMIN, NOW), person).levels[0].valid_until is None
    count = len(changes.page(Acting(site, ADMIN, NOW)))
    level_times.hold(Acting(site, ADMIN, NOW), person, level, None, None)
    assert len(changes.page(Acting(site, ADMIN, NOW))) == count


def test_time_stays_when_the_person_is_edited(site: Site, person: str, level: str) -> None:
    level_times.hold(Acting(site, ADMIN, NOW), person, level, None, END)
    people.edit(Acting(site, ADMIN, NOW), person, "山田 はな子", levels=[level])
    assert people.get(Acting(site, ADMIN, NOW), person).levels[0].valid_until == END
    people.edit(Acting(site, ADMIN, NOW), person, "山田 はな子", levels=[])
    assert people.get(Acting(site, ADMIN, NOW), person).levels == ()


@pytest.mark.parametrize(
    ("start", "end", "sentence"),
    [(END, START, "after the start"), (END, END, "after the start"), (None, NOW.utc, "already passed")],
)
def test_time_that_means_nothing_is_refused(
    site: Site, person: str, level: str, start: datetime, end: datetime, sentence: str
) -> None:
    with pytest.raises(BadInput, match=sentence):
        level_times.hold(Acting(site, ADMIN, NOW), person, level, start, end)
    assert people.get(Acting(site, ADMIN, NOW), person).levels == ()


def test_level_is_removed_and_others_keep_their_time(site: Site, person: str, level: str) -> None:
    other = levels.add(Acting(site, ADMIN, NOW), "Other", [("entrance-in", "always")]).id
    level_times.hold(Acting(site, ADMIN, NOW), person, level, None, None)
    level_times.hold(Acting(site, ADMIN, NOW), person, other, START, END)
    level_times.withdraw(Acting(site, ADMIN, NOW), person, level)
    (held,) = people.get(Acting(site, ADMIN, NOW), person).levels
    assert (held.name, held.valid_from, held.valid_until) == ("Other", START, END)
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert change.before is not None and change.before["levels"] == [
        "Floor",
        "Other (2027-03-01 09:00 – 2027-03-31 18:30)",
    ]
    count = len(changes.page(Acting(site, ADMIN, NOW)))
    level_times.withdraw(Acting(site, ADMIN, NOW), person, level)
    assert len(changes.page(Acting(site, ADMIN, NOW))) == count
    with pytest.raises(NotPermitted):
        level_times.withdraw(Acting(site, AUDITOR, NOW), person, other)


def test_level_or_person_that_is_not_there_is_reported_and_an_auditor_gives_none(
    site: Site, person: str, level: str
) -> None:
    with pytest.raises(NotFound):
        level_times.hold(Acting(site, ADMIN, NOW), person, "none", None, END)
    with pytest.raises(NotFound):
        level_times.hold(Acting(site, ADMIN, NOW), "none", level, None, END)
    with pytest.raises(NotPermitted):
        level_times.hold(Acting(site, AUDITOR, NOW), person, level, None, END)


def test_people_past_all_their_dates_are_listed_until_they_are_suspended(
    site: Site, person: str, level: str
) -> None:
    level_times.hold(Acting(site, ADMIN, NOW), person, level, None, NOW.utc + timedelta(days=1))
    leaver = people.add(Acting(site, ADMIN, NOW), "佐藤", levels=[level]).id
    badge = badges.add(Acting(site, ADMIN, NOW), leaver, idm(1)).id
    people.add(Acting(site, ADMIN, NOW), "鈴木", levels=[level])
    badges.edit(Acting(site, MACHINE, NOW), badge, None, date(2026, 11, 30))
    assert level_times.overdue(Acting(site, ADMIN, NOW)) == ()
    assert level_times.overdue(Acting(site, ADMIN, later(days=1))) == (person,)
    assert set(level_times.overdue(Acting(site, ADMIN, later(days=10)))) == {person, leaver}
    people.suspend(Acting(site, ADMIN, NOW), leaver, "has left")
    assert level_times.overdue(Acting(site, ADMIN, later(days=10))) == (person,)

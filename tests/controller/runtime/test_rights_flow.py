"""A card whose rights the log does not have yet, at moments the test gives."""

from collections.abc import Iterator

import pytest

from controller.model.operators import MACHINE
from controller.registry.standing import Standing
from controller.services.people import badges, people, pins
from controller.services.site import Site
from tests.controller.rights import record_rights
from tests.controller.runtime.decide_thread import OTHER, PIN, WRONG, DecideThread, require_pins, with_pin
from tests.controller.site import BADGE, STRANGER, admit
from tests.controller.unrecorded import unrecorded

EDITED = "UPDATE cardholders SET overrides = 1 WHERE name = '山田 花子'"


@pytest.fixture
def behind(site: Site) -> Iterator[DecideThread]:
    """The log lacks what operators did since; the last good copy is of before."""
    admit(site)
    admit(site, OTHER, "佐藤 愛")
    record_rights(site)
    thread = DecideThread(site, lacks_records=True)
    assert thread.last_good.poll(thread.now)
    yield thread
    thread.registry.close()


@pytest.fixture
def caught_up(site: Site) -> Iterator[DecideThread]:
    admit(site)
    admit(site, OTHER, "佐藤 愛")
    record_rights(site)
    thread = DecideThread(site)
    yield thread
    thread.registry.close()


def test_card_waits_300_ms_for_the_log_and_holds_up_no_other_reader(site: Site, caught_up: DecideThread):
    with unrecorded(site.registry) as db:
        db.execute(EDITED)
    caught_up.card()
    assert caught_up.results == []
    caught_up.card(OTHER, "second-in")
    assert caught_up.results == ["granted"]
    caught_up.wait(299)
    assert caught_up.results == []
    caught_up.wait(1)
    assert [one.partition(":")[0] for one in caught_up.results] == [
        "alarm about p",
        "rights_unaccounted",
        "refused",
    ]


def test_card_is_admitted_as_soon_as_what_the_log_gives_is_there_again(site: Site, caught_up: DecideThread):
    with unrecorded(site.registry) as db:
        db.execute(EDITED)
    caught_up.card()
    caught_up.wait(100)
    with unrecorded(site.registry) as db:
        db.execute(EDITED.replace("1", "0"))
    caught_up.wait(10)
    assert caught_up.results == ["granted"]


def test_another_card_at_the_reader_ends_the_wait(site: Site, caught_up: DecideThread):
    with unrecorded(site.registry) as db:
        db.execute(EDITED)
    caught_up.card()
    caught_up.card(OTHER)
    assert caught_up.results[1:] == ["rights_unaccounted", "refused", "granted"]


def test_people_keep_the_rights_they_had_until_the_log_has_the_change(site: Site, behind: DecideThread):
    (person,) = people.named(site.acting(MACHINE), "山田 花子")
    people.set_standing(site.acting(MACHINE), person.id, Standing(overrides=True))
    behind.card()
    behind.wait(300)
    assert behind.results == ["granted"]


def test_forged_rights_are_an_alarm_once_the_log_has_what_waited(site: Site, behind: DecideThread):
    """Until then nobody can tell them from an operator's change."""
    (other,) = people.named(site.acting(MACHINE), "佐藤 愛")
    people.set_standing(site.acting(MACHINE), other.id, Standing(overrides=True))
    with unrecorded(site.registry) as db:
        db.execute(EDITED)
    for number, reader in ((BADGE, "entrance-in"), (OTHER, "second-in")):
        behind.card(number, reader)
    behind.wait(300)
    assert behind.results == ["granted", "granted"]
    behind.wait(10_000)
    behind.copy_actions()
    behind.lacks_records = False
    behind.wait(50)
    (person,) = people.named(site.acting(MACHINE), "山田 花子")
    behind.wait(50)
    assert behind.results == [f"alarm about p:{person.id}"]


def test_badge_that_is_blocked_meanwhile_stays_blocked(site: Site, behind: DecideThread):
    badge = badges.find_by_number(site.acting(MACHINE), BADGE.hex)
    badges.report_lost(site.acting(MACHINE), badge.id)
    behind.card()
    behind.wait(300)
    assert behind.results == ["credential_lost", "refused"]


def test_new_badge_that_the_log_lacks_is_refused_without_an_alarm(site: Site, behind: DecideThread):
    admit(site, STRANGER, "新人")
    behind.card(STRANGER)
    behind.wait(300)
    assert behind.results == ["rights_unaccounted", "refused"]


@pytest.mark.parametrize("digits", [PIN, WRONG])
def test_neither_the_old_pin_nor_the_new_one_counts_until_the_log_has_the_change(site: Site, digits: str):
    person = with_pin(site)
    require_pins(site)
    record_rights(site)
    thread = DecideThread(site, lacks_records=True)
    assert thread.last_good.poll(thread.now)
    pins.set_pin(site.acting(MACHINE), person, WRONG, WRONG)
    thread.card()
    thread.key_in(digits)
    thread.wait(300)
    assert thread.results == ["rights_unaccounted", "refused"]
    thread.registry.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE credentials SET valid_from = 'garbage'",
        "UPDATE cardholders SET name = CAST(zeroblob(2000000) AS TEXT)",
    ],
)
def test_badge_whose_data_nobody_can_read_is_refused_with_one_alarm(
    site: Site, caught_up: DecideThread, statement: str
):
    with unrecorded(site.registry) as db:
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute(statement)
        (badge,) = db.execute("SELECT id FROM credentials WHERE last_four = ?", (BADGE.last_four,)).fetchone()
    caught_up.card()
    assert caught_up.results == [f"alarm about b:{badge}", "registry_unavailable", "refused"]
    caught_up.card()
    assert caught_up.results == ["refused"]

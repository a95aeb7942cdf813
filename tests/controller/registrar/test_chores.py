"""The registrar carries out what is due, and goes on where it cannot."""

import logging
from contextlib import closing
from pathlib import Path

import pytest

from controller.errors import RegistrarNeeded
from controller.model.moment import Moment
from controller.registrar.chores import RegistrarChores
from controller.registry.read_only import ReadOnlyRegistry
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import erasing, people
from controller.services.site import Site
from tests.controller.erasure import request_erasure
from tests.controller.older_registry import EarlierRegistry
from tests.sample_site import ADMIN, NOW, later
from tests.waiting import until


def test_erasure_is_carried_out_at_the_first_turn_after_its_time(site: Site) -> None:
    person = people.add(Acting(site, ADMIN, NOW), "消去 太郎").id
    request_erasure(site, person)
    chores = RegistrarChores(site)
    chores.carry_out_due()
    assert erasing.pending_of(Acting(site, ADMIN, NOW), person) is not None
    site.now = lambda: later(days=7)
    chores.carry_out_due()
    assert people.search(Acting(site, ADMIN, NOW)).people == ()


def test_file_that_is_put_in_place_of_the_registry_is_opened_for_those_who_only_read(
    site: Site, tmp_path: Path
) -> None:
    people.add(Acting(site, ADMIN, NOW), "山田 花子")
    earlier = EarlierRegistry(site, tmp_path / "earlier")
    chores = RegistrarChores(site)
    people.add(Acting(site, ADMIN, NOW), "後から 来た")
    earlier.restore_files()
    with closing(ReadOnlyRegistry(site.registry.file)) as pages:
        with pytest.raises(RegistrarNeeded), pages.read():
            pass
        chores.open_replaced()
        with pages.read() as db:
            assert db.execute("SELECT name FROM cardholders").fetchall() == [("山田 花子",)]


def test_thread_does_what_is_due_at_its_start(site: Site) -> None:
    person = people.add(Acting(site, ADMIN, NOW), "消去 太郎").id
    request_erasure(site, person)
    site.now = lambda: later(days=7)
    with RegistrarChores(site, every_s=3600):
        until(lambda: not people.search(Acting(site, ADMIN, NOW)).people, what="the person is erased")


def test_rights_found_at_the_start_are_recorded_beside_the_requests(site: Site) -> None:
    def recorded() -> list[str]:
        return [one.action for one in changes.page(Acting(site, ADMIN, NOW))]

    people.add(Acting(site, ADMIN, NOW), "山田 花子")
    with RegistrarChores(site, every_s=3600):
        until(lambda: "rights_found" in recorded(), what="the rights are recorded")
    with RegistrarChores(site, every_s=3600) as chores:
        until(lambda: chores._has_recorded_found, what="the next start is done")
    assert recorded().count("rights_found") == 1


def test_fault_of_this_program_does_not_end_the_thread(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    person = people.add(Acting(site, ADMIN, NOW), "消去 太郎").id
    request_erasure(site, person)
    chores = RegistrarChores(site)

    def fail() -> Moment:
        raise RuntimeError("a fault")

    site.now = fail
    for _ in range(2):
        chores.carry_out_due()
    assert caplog.text.count("erasures that are due wait: a fault") == 1 and "Traceback" in caplog.text
    site.now = lambda: later(days=7)
    chores.carry_out_due()
    assert not people.search(Acting(site, ADMIN, NOW)).people


def test_erasure_that_cannot_be_read_is_logged_once_and_tried_again(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    person = people.add(Acting(site, ADMIN, NOW), "消去 太郎").id
    request_erasure(site, person)
    site.now = lambda: later(days=7)
    chores = RegistrarChores(site)
    with site.registry.write() as db:
        (due,) = db.execute("SELECT due_utc FROM pending_erasures").fetchone()
        db.execute("UPDATE pending_erasures SET due_utc = 'never'")
    for _ in range(3):
        chores.carry_out_due()
    assert caplog.text.count("erasures that are due wait") == 1
    with site.registry.write() as db:
        db.execute("UPDATE pending_erasures SET due_utc = ?", (due,))
    chores.carry_out_due()
    assert not people.search(Acting(site, ADMIN, NOW)).people

"""Asking for an erasure, cancelling it, and what the registrar does when its time has come."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from controller.config.people import People
from controller.errors import BadInput, Conflict, NotFound, NotPermitted
from controller.model.credentials import CardholderStatus
from controller.model.moment import ClockState
from controller.model.operators import Operator
from controller.registry import erasures
from controller.registry.erasures import ErasureRequest
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.people import badges, erasing, people
from controller.services.site import Site
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, AUDITOR, NOW, SUPERVISOR, VIEWER, idm, later

NAME, KANA = "消去 太郎", "しょうきょ たろう"


def acting(site: Site, operator: Operator = ADMIN) -> Acting:
    return Acting(site, operator, NOW)


@pytest.fixture
def person(site: Site) -> str:
    """Suspended, with a badge."""
    found = people.add(acting(site), NAME, KANA)
    badges.add(acting(site), found.id, idm(1))
    return people.suspend(acting(site), found.id).id


def actions_on(site: Site, person: str) -> list[str]:
    return [one.action for one in changes.page(acting(site), person=person)]


def test_person_is_there_until_the_waiting_time_is_over_and_then_gone(site: Site, person: str) -> None:
    pending = erasing.request(acting(site), person, "left the company")
    assert (pending.name, pending.due_utc, pending.operator_name) == (NAME, later(days=7).utc, "Admin")
    assert (
        erasing.all_pending(acting(site, AUDITOR)) == [pending] == [erasing.pending_of(acting(site), person)]
    )
    assert erasing.carry_out_due(site, later(days=7, seconds=-1)) == 0
    assert people.get(acting(site), person).name == NAME
    assert erasing.carry_out_due(site, later(days=7)) == 1
    with pytest.raises(NotFound, match="erased on 2026-12-01"):
        people.get(acting(site), person)
    assert erasing.all_pending(acting(site)) == [] and erasing.pending_of(acting(site), person) is None
    assert erasing.carry_out_due(site, later(days=8)) == 0


def test_longer_waiting_time_also_applies_to_what_is_pending(site: Site, person: str) -> None:
    """The door waits as long; a registrar that did not would be an alarm."""
    erasing.request(acting(site), person, "left")
    site.config = replace(site.config, people=People(erase_after=timedelta(days=30)))
    version = site.registry.version()
    assert erasing.carry_out_due(site, later(days=30, seconds=-1)) == 0
    assert site.registry.version() == version, "the door has nothing to read"
    pending = erasing.pending_of(acting(site), person)
    assert pending is not None and pending.due_utc == later(days=30).utc
    assert erasing.carry_out_due(site, later(days=30)) == 1


def test_clock_that_nobody_trusts_carries_out_nothing(site: Site, person: str) -> None:
    erasing.request(acting(site), person, "left")
    assert erasing.carry_out_due(site, replace(later(days=30), clock=ClockState.UNTRUSTED)) == 0
    assert erasing.carry_out_due(site, replace(later(days=30), clock=ClockState.HOLDOVER)) == 1


def test_cancelled_erasure_is_never_carried_out_and_can_be_requested_again(site: Site, person: str) -> None:
    erasing.request(acting(site), person, "left")
    erasing.cancel(acting(site), person, "a mistake")
    assert erasing.carry_out_due(site, later(days=30)) == 0
    with pytest.raises(Conflict, match="No erasure"):
        erasing.cancel(acting(site), person)
    assert erasing.request(acting(site), person, "left all the same").due_utc == later(days=7).utc
    with pytest.raises(Conflict, match="already requested"):
        erasing.request(acting(site), person, "left")
    assert actions_on(site, person)[:3] == ["erasure_asked", "erasure_cancelled", "erasure_asked"]


def test_who_is_enrolled_cannot_be_erased(site: Site) -> None:
    person = people.add(acting(site), NAME).id
    badge = badges.add(acting(site), person, idm(1)).id
    with pytest.raises(Conflict, match="suspend the person first"):
        erasing.request(acting(site), person, "left")
    assert erasing.all_pending(acting(site)) == []
    badges.report_lost(acting(site), badge)  # without an active badge nobody is enrolled
    erasing.request(acting(site), person, "left")


def test_badge_that_has_expired_enrols_nobody(site: Site) -> None:
    person = people.add(acting(site), NAME).id
    badges.add(acting(site), person, idm(1), last=NOW.utc.date())
    with pytest.raises(Conflict):
        erasing.request(acting(site), person, "left")
    erasing.request(Acting(site, ADMIN, later(days=2)), person, "left")


def test_who_is_enrolled_again_by_then_stays_and_the_erasure_is_cancelled(site: Site, person: str) -> None:
    erasing.request(acting(site), person, "left")
    people.resume(acting(site), person)
    assert erasing.carry_out_due(site, later(days=7)) == 0
    assert people.get(acting(site), person).status is CardholderStatus.ACTIVE
    assert erasing.all_pending(acting(site)) == []
    assert actions_on(site, person)[0] == "erasure_cancelled"


@pytest.mark.parametrize(
    "edit", ["inserted", "inserted for later", "due at another time", "inserted after its cancellation"]
)
def test_pending_erasure_that_another_program_wrote_is_cancelled_and_not_carried_out(
    site: Site, person: str, edit: str, caplog: pytest.LogCaptureFixture
) -> None:
    due = later(days=5 if edit == "inserted for later" else -1)
    row = ErasureRequest(person, NOW.utc, due.utc, ADMIN.id, "Admin", "left")
    if not edit.startswith("inserted") or edit == "inserted after its cancellation":
        erasing.request(acting(site), person, "left")
    if edit == "inserted after its cancellation":
        erasing.cancel(acting(site), person)
    with unrecorded(site.registry) as db:
        if edit == "due at another time":
            erasures.remove_pending(db, person)
        erasures.add_pending(db, row)
    assert erasing.all_pending(acting(site)) == [] and erasing.pending_of(acting(site), person) is None
    assert erasing.carry_out_due(site, NOW) == 0
    assert people.get(acting(site), person).name == NAME
    newest = changes.page(acting(site), person=person)[0]
    assert (newest.action, newest.after) == ("erasure_cancelled", {"refusal": "not_carried_out"})
    with site.registry.read() as db:
        assert erasures.pending_of(db, person) is None
    assert "another program" in caplog.text


@pytest.mark.parametrize("operator", [SUPERVISOR, AUDITOR, VIEWER])
def test_only_an_administrator_asks_and_cancels(site: Site, person: str, operator: Operator) -> None:
    for act in (
        lambda: erasing.request(acting(site, operator), person, "left"),
        lambda: erasing.cancel(acting(site, operator), person),
    ):
        with pytest.raises(NotPermitted):
            act()


@pytest.mark.parametrize("reason", ["", "  ", f"{NAME} left", f"because of {KANA}"])
def test_reason_is_needed_and_may_not_hold_the_name(site: Site, person: str, reason: str) -> None:
    with pytest.raises(BadInput):
        erasing.request(acting(site), person, reason)
    assert erasing.all_pending(acting(site)) == []


def test_reason_to_cancel_may_not_hold_the_name_either(site: Site, person: str) -> None:
    erasing.request(acting(site), person, "left")
    with pytest.raises(BadInput):
        erasing.cancel(acting(site), person, f"{NAME} came back")


def test_nobody_is_asked_for_who_is_not_there(site: Site, tmp_path: Path) -> None:
    for act in (erasing.request, erasing.cancel):
        with pytest.raises(NotFound):
            act(acting(site), "f" * 16, "left")
    assert erasing.pending_of(acting(site), "f" * 16) is None

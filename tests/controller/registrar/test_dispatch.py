"""The checks in front of a handler, in their order: shape, session, right, rate, confirmation."""

import dataclasses
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from controller.errors import BadInput, BadRequest, ConfirmationNeeded, NotPermitted, SessionEnded, Throttled
from controller.model.credentials import CredentialStatus
from controller.model.operators import MACHINE, NOBODY, OperatorRole
from controller.registrar.dispatch import Dispatcher, LocalLink, link_locally
from controller.registrar.request_hash import request_hash
from controller.runtime.copy_actions import action_event
from controller.services.acting import Acting
from controller.services.backup.requests import RecordBackup
from controller.services.doors.requests import UnlockOnce
from controller.services.log import changes
from controller.services.operators import operators, sign_in
from controller.services.operators.requests import ChangeOwnPassword, SetLanguage, SignOut
from controller.services.operators.sign_in_requests import (
    AddFirstAdministrator,
    FindSession,
    NewSetUpCode,
    SignIn,
)
from controller.services.people import badges, people
from controller.services.people.import_requests import CheckImport
from controller.services.people.requests import AddPerson, ReportBadgeLost
from controller.services.requests.link import Direct
from controller.services.site import Site
from tests.controller.registrar.desk import Desk
from tests.controller.services.door_side import DoorSide
from tests.sample_site import NOW, PASSWORD, idm, later


@pytest.fixture
def admin(site: Site) -> Desk:
    link_locally(site)
    return Desk(site, OperatorRole.ADMIN)


@pytest.fixture
def viewer(site: Site) -> Desk:
    link_locally(site)
    return Desk(site, OperatorRole.VIEWER)


def names(site: Site) -> list[str]:
    return [one.name for one in people.search(Acting(site, MACHINE, NOW)).people]


def test_request_of_a_session_is_carried_out_and_recorded_under_its_operator(admin: Desk) -> None:
    person = admin.acting().send(AddPerson(name="Sato"))
    badge = badges.add(Acting(admin.site, MACHINE, NOW), person.id, idm(1))
    lost = admin.acting().send(ReportBadgeLost(badge_id=badge.id, reason="train"))
    assert lost.status is CredentialStatus.LOST
    change = changes.page(Acting(admin.site, MACHINE, NOW))[0]
    assert (change.action, change.operator_name, change.reason) == ("badge_lost", "Anna", "train")


def test_somebody_signs_in_is_recognised_and_signs_out(admin: Desk) -> None:
    nobody = Acting(admin.site, NOBODY, NOW)
    entered = nobody.send(SignIn(name="Anna", password=PASSWORD, address="127.0.0.1"))
    question = FindSession(session=entered.token)
    assert nobody.send(question) == entered.operator == admin.operator
    Acting(admin.site, admin.operator, NOW, token=entered.token).send(SignOut())
    assert nobody.send(question) is None
    assert nobody.send(FindSession(session="")) is None


def test_nobody_gets_nothing_that_needs_a_right(admin: Desk) -> None:
    for link in (admin.site.link, Direct()):
        admin.site.link = link
        with pytest.raises(SessionEnded):
            Acting(admin.site, NOBODY, NOW).send(SignOut())


def test_session_that_ended_or_never_was_changes_nothing(admin: Desk) -> None:
    for token in ("planted", admin.token):
        with pytest.raises(SessionEnded):
            admin.acting(token=token).send(AddPerson(name="Sato"))
        admin.now = later(minutes=31)
    assert names(admin.site) == []


def test_operator_disabled_after_the_sign_in_changes_nothing(viewer: Desk) -> None:
    operators.disable(Acting(viewer.site, MACHINE, NOW), viewer.operator.id)
    with pytest.raises(SessionEnded):
        viewer.acting().send(AddPerson(name="Sato"))


def test_right_is_that_of_the_account_and_not_of_what_the_web_says(viewer: Desk) -> None:
    claimed = Acting(viewer.site, MACHINE, NOW, token=viewer.token)
    with pytest.raises(NotPermitted):
        claimed.send(AddPerson(name="Sato"))
    assert names(viewer.site) == []


def test_recent_confirmation_is_renewed_by_work_and_lasts_an_hour_at_most(admin: Desk) -> None:
    for minutes in (0, 10, 20, 29, 38, 47, 56):
        admin.now = later(minutes=minutes)
        sign_in.session(admin.site, admin.now, admin.token)  # the page touches the session
        admin.acting().send(AddPerson(name=f"At {minutes}"))
    admin.now = later(minutes=61)
    with pytest.raises(ConfirmationNeeded) as needed:
        admin.acting().send(AddPerson(name="late"))
    assert not needed.value.each_time and not needed.value.is_wrong
    with pytest.raises(ConfirmationNeeded) as needed:
        admin.acting("not this one").send(AddPerson(name="late"))
    assert needed.value.is_wrong
    admin.acting(PASSWORD).send(AddPerson(name="late"))
    admin.acting().send(AddPerson(name="later"))


def test_recent_confirmation_ends_after_ten_idle_minutes(admin: Desk) -> None:
    admin.now = later(minutes=10, seconds=1)
    with pytest.raises(ConfirmationNeeded):
        admin.acting().send(AddPerson(name="Sato"))
    assert names(admin.site) == []


def test_clock_set_back_confirms_nothing(admin: Desk) -> None:
    admin.now = later(seconds=-30)
    with pytest.raises(ConfirmationNeeded):
        admin.acting().send(AddPerson(name="Sato"))


def test_unlock_needs_the_password_in_the_same_request(admin: Desk) -> None:
    with DoorSide(admin.site) as door:
        admin.acting(PASSWORD).send(UnlockOnce(door="entrance", reason="parcel"))
        for password in ("", "not this one"):
            with pytest.raises(ConfirmationNeeded) as needed:
                admin.acting(password).send(UnlockOnce(door="entrance", reason="parcel"))
            assert needed.value.each_time and needed.value.is_wrong == bool(password)
        assert len(door.lookup.orders_after(0)) == 1


def test_action_of_a_confirmed_request_names_how_and_the_hash_of_this_one_request(admin: Desk) -> None:
    site = admin.site
    unlock, add = UnlockOnce(door="entrance", reason="parcel"), AddPerson(name="Sato")
    with DoorSide(site):
        admin.acting(PASSWORD).send(unlock)
    person = admin.acting().send(add)
    badge = badges.add(Acting(site, MACHINE, NOW), person.id, idm(1))
    admin.acting(PASSWORD).send(ReportBadgeLost(badge_id=badge.id))
    admin.acting().send(ChangeOwnPassword(current=PASSWORD, new=f"{PASSWORD} again"))
    proofs = {}
    for one in changes.page(Acting(site, MACHINE, NOW)):
        event = action_event(one, NOW)
        assert event.details.get("after") == one.after
        after = one.after or {}
        proofs[one.action] = after.get("confirmed"), after.get("request_hash")
    assert proofs["unlock_ordered"] == ("password", request_hash(unlock, b"", site.key))
    assert proofs["person_added"] == ("recent_password", request_hash(add, b"", site.key))
    assert proofs["password_changed"][0] == "password" and len(str(proofs["password_changed"][1])) == 64
    assert proofs["badge_lost"] == proofs["badge_added"] == (None, None)  # never asked; the machine


def test_wrong_passwords_are_throttled_as_at_the_sign_in(admin: Desk) -> None:
    for _ in range(10):
        with pytest.raises(ConfirmationNeeded):
            admin.acting("not this one").send(UnlockOnce(door="entrance", reason="parcel"))
    with pytest.raises(Throttled):
        admin.acting(PASSWORD).send(UnlockOnce(door="entrance", reason="parcel"))


def test_restricting_request_never_asks(admin: Desk) -> None:
    person = admin.acting().send(AddPerson(name="Sato"))
    badge = badges.add(Acting(admin.site, MACHINE, NOW), person.id, idm(1))
    admin.now = later(minutes=25)
    assert admin.acting().send(ReportBadgeLost(badge_id=badge.id)).status is CredentialStatus.LOST


def test_requests_of_one_session_in_a_minute_are_limited(admin: Desk) -> None:
    for number in range(AddPerson.most_a_minute):
        admin.acting().send(AddPerson(name=f"Person {number}"))
    with pytest.raises(Throttled, match="120 such requests within a minute"):
        admin.acting().send(AddPerson(name="one more"))
    admin.now = later(minutes=1)
    admin.acting().send(AddPerson(name="one more"))


def test_command_line_acts_without_session_confirmation_and_limit(site: Site) -> None:
    link = LocalLink(Dispatcher(site))
    for number in range(AddPerson.most_a_minute + 1):
        link.send(Acting(site, MACHINE, later(days=1)), AddPerson(name=f"Person {number}"))


def test_message_without_session_is_refused_where_nobody_vouches_for_it(site: Site) -> None:
    message = {"v": 1, "kind": "add_person", "fields": {"name": "Sato"}}
    assert Dispatcher(site).answer(message)["error"]["classes"][0] == "SessionEnded"
    assert names(site) == []


def test_body_that_the_request_does_not_take_is_refused(site: Site) -> None:
    with pytest.raises(BadRequest, match="takes no file"):
        LocalLink(Dispatcher(site)).send(Acting(site, MACHINE, NOW), AddPerson(name="Sato"), b"x")


def test_file_above_its_limit_is_refused_beside_its_field(site: Site) -> None:
    with pytest.raises(BadInput, match="larger than 20 MB; split it") as refused:
        LocalLink(Dispatcher(site)).send(Acting(site, MACHINE, NOW), CheckImport(), bytes(20_000_001))
    assert refused.value.field == "file"


def test_request_of_the_command_line_alone_is_refused_to_every_session(admin: Desk) -> None:
    with pytest.raises(NotPermitted, match="Only the command line"):
        admin.acting(PASSWORD).send(RecordBackup(file="b.age", size=1, records=1, encrypted="age"))
    assert changes.page(Acting(admin.site, MACHINE, NOW))[0].action != "backup_made"


def test_signing_in_needs_no_session_and_its_session_ends_with_the_sign_out(viewer: Desk) -> None:
    site, nobody = viewer.site, Acting(viewer.site, NOBODY, NOW)
    signs_in = SignIn(name="anna", password=PASSWORD, address="127.0.0.1")
    entered = nobody.send(signs_in)
    assert entered.operator == viewer.operator and PASSWORD not in repr(signs_in)
    with pytest.raises(BadInput, match="do not match"):
        nobody.send(dataclasses.replace(signs_in, password="not this one"))
    mine = Acting(site, entered.operator, NOW, token=entered.token)
    mine.send(SignOut())
    with pytest.raises(SessionEnded):
        mine.send(SignOut())
    assert viewer.acting().send(SetLanguage(language="ja")).language == "ja"


def test_set_up_code_of_the_machine_adds_the_first_administrator_once(site: Site) -> None:
    link_locally(site)
    code = Acting(site, MACHINE, NOW).send(NewSetUpCode())
    assert code is not None
    sets_up = AddFirstAdministrator(
        code=code, name="boss", display_name="Boss", language="en", password=PASSWORD, address="127.0.0.1"
    )
    nobody = Acting(site, NOBODY, NOW)
    with pytest.raises(BadInput) as refused:
        nobody.send(dataclasses.replace(sets_up, code="0" * 32))
    assert refused.value.field == "code"
    boss = nobody.send(sets_up)
    assert Acting(site, boss.operator, NOW, token=boss.token).send(SetLanguage(language="ja"))
    assert Acting(site, MACHINE, NOW).send(NewSetUpCode()) is None


def test_site_without_a_dispatcher_carries_out_what_its_own_process_asks(site: Site) -> None:
    Acting(site, MACHINE, NOW).send(AddPerson(name="Sato"))
    assert names(site) == ["Sato"]
    with pytest.raises(SessionEnded):
        Acting(site, MACHINE, NOW, token="planted").send(AddPerson(name="Abe"))


@pytest.mark.parametrize("how", ["disabled", "another role", "signed out"])
def test_session_that_ends_between_question_and_answer_changes_nothing(
    admin: Desk, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The checks have passed; meanwhile the handler waits for the lock, say."""
    site, whose = admin.site, admin.operator.id
    acting = Acting(site, MACHINE, NOW)
    ends = {
        "disabled": lambda: operators.disable(acting, whose),
        "another role": lambda: operators.edit(acting, whose, "Anna", OperatorRole.VIEWER, "en"),
        "signed out": lambda: sign_in.sign_out(acting, admin.token),
    }
    operators.add(Acting(site, MACHINE, NOW), "other", "Other", OperatorRole.ADMIN, "en", PASSWORD)
    add = people.add

    def late(acting: Acting, *values: Any, **named: Any) -> people.Person:
        in_another_thread(ends[how])
        return add(acting, *values, **named)

    monkeypatch.setattr(people, "add", late)
    with pytest.raises(SessionEnded):
        admin.acting().send(AddPerson(name="Sato"))
    assert names(site) == []


def in_another_thread(act: Callable[[], object]) -> None:
    thread = Thread(target=act)
    thread.start()
    thread.join(60)

"""Every request at every age of a session: which ask for the password, as the issue lists them."""

import pytest

from controller.errors import (
    BadInput,
    ConfirmationNeeded,
    GenkanError,
    NotPermitted,
    SessionEnded,
    Throttled,
)
from controller.model.operators import OperatorRole
from controller.registrar.dispatch import link_locally
from controller.registry.accounts import sessions
from controller.services.operators import sign_in
from controller.services.operators.requests import ChangeOwnPassword
from controller.services.people.requests import AddPerson
from controller.services.request_table import KINDS
from controller.services.requests.request import OpenRequest, RequestWithBody
from controller.services.site import Site
from tests.controller.registrar.desk import Desk
from tests.controller.registrar.samples import sample
from tests.sample_site import NOW, PASSWORD, later

# The password with this very request. Door modes and retention: the modes of a door are in its rules, which
# are published; retention is a key of genkan.toml, which no request changes.
EACH_TIME = {
    "unlock_once",
    # publish or bring back rules; a holiday publishes a rule book
    "publish_draft",
    "bring_back_rules",
    "import_rules",
    "set_country",
    "set_day",
    "remove_day",
    "end_lockdown",
    # operators and their passwords
    "add_operator",
    "edit_operator",
    "enable_operator",
    "disable_operator",
    "set_operator_password",
    "change_own_password",
    "confirm_password",
    "request_erasure",
    "accept_registry",
    # keys
    "publish_card_keys",
    "trust_station",
    "forget_card_key",
    "open_install_window",
}
# The password within 10 minutes, renewed by work, 60 at most.
RECENT = {
    # enrol
    "add_person",
    "edit_person",
    "set_standing",
    "resume_person",
    "add_badge",
    "add_learned_badge",
    "add_badge_for_holder",
    "edit_badge",
    "learn_badge",
    "resume_badge",  # a badge returned by its holder
    # import
    "check_import",
    "publish_import",
    "check_card_keys",
    # levels
    "hold_level",
    "withdraw_level",
    "add_level",
    "edit_level",
    "remove_level",
    "add_schedule",
    "edit_schedule",
    "remove_schedule",
    # PINs
    "set_pin",
    "set_duress_pin",
    "generate_pin",
    "remove_pin",
    "record_export",  # exports with names
}
# Restricting acts, reading, the own session, and drafts, which bind nothing.
NEVER = {
    "report_badge_lost",
    "suspend_badge",
    "suspend_person",
    "begin_lockdown",
    "follow_erasure",
    "check_badge_number",
    "cancel_erasure",
    "discard_import",
    "discard_card_keys",
    "save_draft_area",
    "save_draft_door",
    "save_draft_categories",
    "save_draft_qualifications",
    "remove_draft_area",
    "discard_draft",
    "acknowledge_alarm",
    "resolve_missed_tap",
    "correct_presence",
    "forgive_person",
    "forgive_area",
    "empty_area",
    "record_view",
    "record_muster",
    "seal_export",
    "seal_log",
    "set_language",
    "sign_out",
}
BY_SESSION = {
    kind: one for kind, one in KINDS.items() if not issubclass(one, OpenRequest) and not one.needs_the_machine
}


AGES = {"fresh": 0, "9 min": 9, "11 min": 11, "20 min": 20, "61 min": 61}


def test_each_request_of_a_session_is_in_one_list() -> None:
    assert sorted([*EACH_TIME, *RECENT, *NEVER]) == sorted(BY_SESSION)


@pytest.mark.parametrize("age", AGES)
def test_request_asks_for_the_password_by_its_kind_and_the_age_of_the_session(site: Site, age: str) -> None:
    link_locally(site)
    admin = Desk(site, OperatorRole.ADMIN)
    confirmed = {kind for kind in BY_SESSION if _needs_password(admin, kind, AGES[age])}
    assert confirmed == (EACH_TIME if AGES[age] <= 10 else EACH_TIME | RECENT) - {"change_own_password"}


def test_renewal_is_of_the_password_that_it_renews_and_of_no_other_time(site: Site) -> None:
    """An older time in accounts.db counts, although the registrar remembers a later use."""
    link_locally(site)
    admin = Desk(site, OperatorRole.ADMIN)
    admin.now = later(minutes=9)
    admin.acting().send(AddPerson(name="Sato"))
    with site.accounts.write() as db:
        sessions.confirm(db, admin.token, later(minutes=-11).utc)
    with pytest.raises(ConfirmationNeeded):
        admin.acting().send(AddPerson(name="Abe"))
    admin.acting(PASSWORD).send(AddPerson(name="Abe"))
    admin.now = later(minutes=18)
    admin.acting().send(AddPerson(name="Ito"))


def test_change_of_the_own_password_demands_the_present_one_in_its_own_field(site: Site) -> None:
    link_locally(site)
    admin = Desk(site, OperatorRole.ADMIN)
    with pytest.raises(BadInput) as refused:
        admin.acting().send(ChangeOwnPassword(current="not this one", new=f"{PASSWORD} again"))
    assert refused.value.field == "current"


def test_request_of_the_machine_is_refused_to_every_session(site: Site) -> None:
    link_locally(site)
    admin = Desk(site, OperatorRole.ADMIN)
    for request in KINDS.values():
        if request.needs_the_machine:
            with pytest.raises(NotPermitted):
                admin.acting(PASSWORD).send(sample(request))


def _needs_password(admin: Desk, kind: str, minutes: int) -> bool:
    """Send it in a new session of that age, whose pages were read meanwhile."""
    site, request = admin.site, BY_SESSION[kind]
    token = sign_in.sign_in(site, NOW, "anna", PASSWORD, "127.0.0.1").token
    for minute in range(20, minutes, 20):
        sign_in.session(site, later(minutes=minute), token)
    admin.now = later(minutes=minutes)
    body = b"x" if issubclass(request, RequestWithBody) else b""
    try:
        admin.acting(token=token).send(sample(request), body)
    except ConfirmationNeeded as needed:
        assert needed.each_time == (kind in EACH_TIME) and not needed.is_wrong
        return True
    except GenkanError as error:  # what it names does not exist
        assert not isinstance(error, SessionEnded | Throttled)
    return False

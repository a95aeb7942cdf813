"""Accounts' accounts and one's own."""

import pytest

from controller.model.operators import MACHINE, OperatorRole
from controller.services.acting import Acting
from controller.services.operators import operators
from tests.sample_site import PASSWORD
from tests.web.client import Client
from tests.web.site import ROLE_NAMES, ServedSite

NEW = {
    "name": "suzuki",
    "display_name": "鈴木",
    "role": "auditor",
    "language": "ja",
    "password": "an open door at noon",
}
OTHER = "another sentence of mine"


def account(served: ServedSite, role: OperatorRole) -> operators.Operator:
    every = operators.all_operators(Acting(served.site, MACHINE, served.moment))
    return next(operator for operator in every if operator.name == ROLE_NAMES[role])


def test_new_operator_signs_in_with_role_and_language(served: ServedSite, admin: Client) -> None:
    assert admin.post("/operators/new", NEW).to == "/operators?done=added"
    client = served.client()
    assert client.post("/sign-in", {"name": "Suzuki", "password": NEW["password"]}).status == 303
    page = client.get("/operators")
    assert '<html lang="ja">' in page.text
    assert "監査担当" in page.words
    assert client.get("/operators/new").status == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a b"),
        ("display_name", ""),
        ("role", "root"),
        ("language", "fr"),
        ("password", "short"),
        ("password", "passwordpassword"),
    ],
)
def test_account_that_is_not_right_is_refused(
    served: ServedSite, admin: Client, field: str, value: str
) -> None:
    answer = admin.post("/operators/new", NEW | {field: value})
    assert answer.status == 422
    assert NEW["password"] not in answer.text
    assert len(operators.all_operators(Acting(served.site, MACHINE, served.moment))) == 4


def test_last_administrator_stays_one(served: ServedSite, admin: Client) -> None:
    only = account(served, OperatorRole.ADMIN)
    assert admin.post(f"/operators/{only.id}/disable").status == 409
    demoted = {"display_name": "Admin", "role": "viewer", "language": "en"}
    answer = admin.post(f"/operators/{only.id}", demoted)
    assert answer.status == 409
    assert "last administrator" in answer.words
    assert admin.get("/operators").status == 200


def test_role_changes_immediately_and_nobody_raises_their_own(served: ServedSite, admin: Client) -> None:
    viewer = account(served, OperatorRole.VIEWER)
    client = served.signed_in(OperatorRole.VIEWER)
    raised = {"display_name": "V", "role": "admin", "language": "en"}
    assert client.post(f"/operators/{viewer.id}", raised).status == 403
    assert admin.post(f"/operators/{viewer.id}", raised | {"role": "supervisor"}).status == 303
    assert client.get("/people").status == 200


def test_set_password_ends_their_sessions(served: ServedSite, admin: Client) -> None:
    viewer = account(served, OperatorRole.VIEWER)
    client = served.signed_in(OperatorRole.VIEWER)
    assert admin.post(f"/operators/{viewer.id}/password", {"password": "short"}).status == 422
    assert client.get("/log").status == 200
    assert admin.post(f"/operators/{viewer.id}/password", {"password": OTHER}).status == 303
    assert client.get("/log").to == "/sign-in"
    assert client.post("/sign-in", {"name": viewer.name, "password": OTHER}).status == 303


def test_disabled_operator_can_be_enabled(served: ServedSite, admin: Client) -> None:
    viewer = account(served, OperatorRole.VIEWER)
    admin.post(f"/operators/{viewer.id}/disable")
    assert "Disabled" in admin.get("/operators").words
    assert admin.post(f"/operators/{viewer.id}/enable").to == "/operators?done=enabled"
    assert served.signed_in(OperatorRole.VIEWER).get("/log").status == 200


def test_accounts_need_the_password_each_time(served: ServedSite, admin: Client) -> None:
    viewer = account(served, OperatorRole.VIEWER)
    admin.own_password = ""
    here = f"/operators/{viewer.id}"
    assert 'id="own_password"' in admin.get("/operators/new").text
    for one in ("edit", "password"):
        assert f'id="own_password-{one}"' in admin.get(here).text
    sent = {
        "/operators/new": NEW,
        here: {"display_name": "V", "role": "admin", "language": "en"},
        f"{here}/password": {"password": OTHER},
        f"{here}/disable": {},
        f"{here}/enable": {},
    }
    for path, fields in sent.items():
        for password in ("", "not this one"):
            refused = admin.post(path, {**fields, "own_password": password})
            assert refused.status == 403 and "Confirm with your password" in refused.words, path
            assert OTHER not in refused.text and NEW["password"] not in refused.text
    assert account(served, OperatorRole.VIEWER) == viewer
    for path, fields in sent.items():
        assert admin.post(path, {**fields, "own_password": PASSWORD}).status == 303, path


def test_own_password_needs_the_present_one_and_keeps_this_session_only(served: ServedSite) -> None:
    here, elsewhere = served.signed_in(OperatorRole.VIEWER), served.signed_in(OperatorRole.VIEWER)
    wrong = {"current": "not it", "password": OTHER, "password_again": OTHER}
    answer = here.post("/account/password", wrong)
    assert answer.status == 422
    assert 'id="current-error"' in answer.text
    differing = {"current": PASSWORD, "password": OTHER, "password_again": OTHER + "x"}
    assert 'id="password_again-error"' in here.post("/account/password", differing).text
    weak = {"current": PASSWORD, "password": "short", "password_again": "short"}
    assert 'id="password-error"' in here.post("/account/password", weak).text
    right = {"current": PASSWORD, "password": OTHER, "password_again": OTHER}
    assert here.post("/account/password", right).to == "/account?done=password"
    assert here.get("/account").status == 200
    assert elsewhere.get("/account").to.startswith("/sign-in")

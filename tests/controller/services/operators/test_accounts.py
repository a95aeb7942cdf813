from dataclasses import replace

import pytest

from controller.errors import BadInput, Conflict, NotFound
from controller.model.operators import MACHINE, OperatorRole, OperatorStatus
from controller.model.orders import ActionType
from controller.registry import operators as rows
from controller.services.acting import Acting
from controller.services.operators import accounts, sign_in
from controller.services.site import Site
from tests.controller.unrecorded import unrecorded
from tests.sample_site import ADMIN, NOW, VIEWER


def test_account_is_made_of_checked_parts():
    operator = accounts.new_operator(" Kanri ", "管理 太郎", OperatorRole.ADMIN, "ja")
    assert (operator.name, operator.display_name, operator.status) == (
        "kanri",
        "管理 太郎",
        OperatorStatus.ACTIVE,
    )
    assert operator.id != accounts.new_operator("kanri", "x", OperatorRole.ADMIN, "ja").id
    for language in ("", "fr", "JA"):
        with pytest.raises(BadInput):
            accounts.checked_language(language)


def test_somebody_who_is_not_an_administrator_may_change_while_there_is_none(site: Site):
    with site.registry.write() as db:
        rows.add_operator(db, VIEWER)
        changed = replace(VIEWER, display_name="見る人")
        assert (
            accounts.change(Acting(site, MACHINE, NOW), db, ActionType.OPERATOR_CHANGED, VIEWER, changed)
            == changed
        )
        assert accounts.require_operator(rows.operator(db, VIEWER.id)) == changed
    assert sign_in.set_up_needed(site), "an account without rights does not end the set-up"


def test_disabled_administrator_does_not_count_as_the_other_one(site: Site):
    other = replace(ADMIN, id="e" * 16, name="other", status=OperatorStatus.DISABLED)
    with unrecorded(site.registry) as db:
        rows.add_operator(db, ADMIN)
        rows.add_operator(db, other)
        demoted = replace(ADMIN, role=OperatorRole.VIEWER)
        with pytest.raises(Conflict):
            accounts.change(Acting(site, MACHINE, NOW), db, ActionType.OPERATOR_CHANGED, ADMIN, demoted)
    with pytest.raises(NotFound):
        accounts.require_operator(None)

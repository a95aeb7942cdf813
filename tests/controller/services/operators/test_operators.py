import pytest

from controller.errors import BadInput, Conflict, NotFound, NotPermitted, Throttled
from controller.model.operators import MACHINE, Operator, OperatorRole, OperatorStatus
from controller.services.acting import Acting
from controller.services.log import changes
from controller.services.operators import operators, sign_in
from controller.services.site import Site
from tests.sample_site import ADMIN, AUDITOR, NOW, PASSWORD, SUPERVISOR

HERE = "192.0.2.1"


@pytest.fixture
def admin(site: Site) -> Operator:
    return operators.add(Acting(site, MACHINE, NOW), "kanri", "管理", OperatorRole.ADMIN, "ja", PASSWORD)


def test_last_administrator_stays_one(site: Site, admin: Operator):
    viewer = operators.add(Acting(site, admin, NOW), "view", "View", OperatorRole.VIEWER, "ja", PASSWORD)
    entered = sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    with pytest.raises(Conflict, match="last administrator"):
        operators.disable(Acting(site, admin, NOW), admin.id)
    with pytest.raises(Conflict, match="last administrator"):
        operators.edit(Acting(site, admin, NOW), admin.id, "管理", OperatorRole.VIEWER, "ja")
    assert sign_in.session(site, NOW, entered.token) is not None, "a refused change changes nothing"
    operators.edit(Acting(site, admin, NOW), viewer.id, "View", OperatorRole.ADMIN, "ja")
    assert operators.disable(Acting(site, admin, NOW), admin.id).status is OperatorStatus.DISABLED
    with pytest.raises(Conflict, match="last administrator"):
        operators.edit(Acting(site, admin, NOW), viewer.id, "View", OperatorRole.AUDITOR, "ja")


def test_last_administrator_may_change_name_and_language(site: Site, admin: Operator):
    edited = operators.edit(Acting(site, admin, NOW), admin.id, "管理者", OperatorRole.ADMIN, "en")
    assert (edited.display_name, edited.language) == ("管理者", "en")
    change = changes.page(Acting(site, ADMIN, NOW))[0]
    assert change.before == {"name": "kanri", "display_name": "管理", "language": "ja"}


def test_role_and_language_hold_at_the_next_request(site: Site, admin: Operator):
    added = operators.add(Acting(site, admin, NOW), "view", "View", OperatorRole.VIEWER, "ja", PASSWORD)
    entered = sign_in.sign_in(site, NOW, "view", PASSWORD, HERE)
    operators.edit(Acting(site, admin, NOW), added.id, "View", OperatorRole.AUDITOR, "ja")
    operators.set_language(Acting(site, entered.operator, NOW), "en")
    seen = sign_in.session(site, NOW, entered.token)
    assert seen is not None and (seen.role, seen.language) == (OperatorRole.AUDITOR, "en")


def test_own_password_ends_the_other_sessions(site: Site, admin: Operator):
    kept = sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    other = sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    operators.change_own_password(Acting(site, admin, NOW), PASSWORD, PASSWORD + "?", kept.token)
    assert sign_in.session(site, NOW, kept.token) is not None
    assert sign_in.session(site, NOW, other.token) is None
    with pytest.raises(BadInput):
        sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    assert sign_in.sign_in(site, NOW, "kanri", PASSWORD + "?", HERE).token


def test_own_password_needs_the_present_one_and_guesses_are_throttled(site: Site, admin: Operator):
    entered = sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    for _ in range(10):
        with pytest.raises(BadInput) as error:
            operators.change_own_password(Acting(site, admin, NOW), "wrong", PASSWORD + "?", entered.token)
        assert error.value.field == "current"
    with pytest.raises(Throttled):
        operators.change_own_password(Acting(site, admin, NOW), PASSWORD, PASSWORD + "?", entered.token)


def test_new_password_must_be_new_and_strong(site: Site, admin: Operator):
    entered = sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    for new in (PASSWORD, "short", "passwordpassword", "a" * 129):
        with pytest.raises(BadInput) as error:
            operators.change_own_password(Acting(site, admin, NOW), PASSWORD, new, entered.token)
        assert error.value.field == "new"


def test_password_set_by_an_administrator_ends_sessions_and_known_browsers(site: Site, admin: Operator):
    entered = sign_in.sign_in(site, NOW, "kanri", PASSWORD, HERE)
    operators.set_password(Acting(site, admin, NOW), admin.id, PASSWORD + "!")
    assert sign_in.session(site, NOW, entered.token) is None
    again = sign_in.sign_in(site, NOW, "kanri", PASSWORD + "!", HERE, entered.device)
    assert again.device != entered.device


def test_reset_gives_a_password_that_works_and_enables(site: Site, admin: Operator):
    second = operators.add(Acting(site, admin, NOW), "second", "Second", OperatorRole.ADMIN, "ja", PASSWORD)
    operators.disable(Acting(site, admin, NOW), second.id)
    password = operators.reset(Acting(site, MACHINE, NOW), " Second ")
    assert sign_in.sign_in(site, NOW, "second", password, HERE).operator.status is OperatorStatus.ACTIVE
    with pytest.raises(NotFound):
        operators.reset(Acting(site, MACHINE, NOW), "nobody")
    recorded = [
        change for change in changes.page(Acting(site, ADMIN, NOW)) if change.action == "operator_reset"
    ]
    assert [(change.operator_id, change.operator_name) for change in recorded] == [
        ("machine", "command line")
    ]


def test_no_password_is_in_any_record(site: Site, admin: Operator):
    operators.set_password(Acting(site, admin, NOW), admin.id, PASSWORD + "!")
    with site.registry.read() as db:
        rows = db.execute("SELECT * FROM operator_actions").fetchall()
    assert rows and PASSWORD not in repr(rows) and "argon2" not in repr(rows)


def test_name_used_or_unfit_is_refused(site: Site, admin: Operator):
    with pytest.raises(Conflict):
        operators.add(Acting(site, admin, NOW), "KANRI", "x", OperatorRole.VIEWER, "ja", PASSWORD)
    for name in ("", "a b", "管理", "x" * 51, "=cmd", "\ud800"):
        with pytest.raises(BadInput) as error:
            operators.add(Acting(site, admin, NOW), name, "x", OperatorRole.VIEWER, "ja", PASSWORD)
        assert error.value.field == "name"
    with pytest.raises(BadInput) as error:
        operators.add(Acting(site, admin, NOW), "new", "x", OperatorRole.VIEWER, "fr", PASSWORD)
    assert error.value.field == "language"


def test_only_administrators_manage_accounts(site: Site, admin: Operator):
    assert operators.all_operators(Acting(site, AUDITOR, NOW)) == (admin,)
    with pytest.raises(NotPermitted):
        operators.all_operators(Acting(site, SUPERVISOR, NOW))
    for asker in (AUDITOR, SUPERVISOR):
        with pytest.raises(NotPermitted):
            operators.set_password(Acting(site, asker, NOW), admin.id, PASSWORD)
        with pytest.raises(NotPermitted):
            operators.edit(Acting(site, asker, NOW), admin.id, "x", OperatorRole.ADMIN, "ja")
        with pytest.raises(NotPermitted):
            operators.reset(Acting(site, asker, NOW), "kanri")

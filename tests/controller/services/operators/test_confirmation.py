import pytest

from controller.errors import BadInput, Throttled
from controller.model.operators import Operator, OperatorRole
from controller.registry.accounts import sessions
from controller.services.acting import Acting
from controller.services.operators import confirmation, operators, sign_in
from controller.services.site import Site
from tests.sample_site import ADMIN, NOW, PASSWORD, later

TOKEN = "device"


@pytest.fixture
def signed_in(site: Site) -> tuple[Operator, str]:
    """At NOW."""
    operators.add(Acting(site, ADMIN, NOW), "super", "Supervisor", OperatorRole.SUPERVISOR, "en", PASSWORD)
    entered = sign_in.sign_in(site, NOW, "super", PASSWORD, "127.0.0.1")
    return entered.operator, entered.token


def test_right_password_is_remembered_with_its_session(site: Site, signed_in: tuple[Operator, str]) -> None:
    operator, token = signed_in
    confirmation.confirm(Acting(site, operator, later(minutes=30)), token, PASSWORD)
    with site.accounts.read() as db:
        assert sessions.confirmed(db, token, operator.id) == later(minutes=30).utc
        assert sessions.confirmed(db, "another", operator.id) is None
        assert sessions.confirmed(db, token, ADMIN.id) is None


def test_wrong_password_confirms_nothing_and_is_throttled(
    site: Site, signed_in: tuple[Operator, str]
) -> None:
    operator, token = signed_in
    now = later(minutes=30)
    for _ in range(10):
        with pytest.raises(BadInput) as refusal:
            confirmation.confirm(Acting(site, operator, now), token, "not this one at all")
        assert refusal.value.field == "password"
    with pytest.raises(Throttled):
        confirmation.confirm(Acting(site, operator, now), token, PASSWORD)
    with site.accounts.read() as db:
        assert sessions.confirmed(db, token, operator.id) == NOW.utc

import pytest

from controller.errors import BadInput, Throttled
from controller.model.operators import MACHINE, Operator, OperatorRole
from controller.services.acting import Acting
from controller.services.operators import confirmation, operators, sign_in
from controller.services.site import Site
from tests.sample_house import ADMIN, NOW, PASSWORD, later

TOKEN = "device"


@pytest.fixture
def signed_in(house: Site) -> tuple[Operator, str]:
    """At NOW."""
    operators.add(Acting(house, ADMIN, NOW), "super", "Supervisor", OperatorRole.SUPERVISOR, "en", PASSWORD)
    entered = sign_in.sign_in(house, NOW, "super", PASSWORD, "127.0.0.1")
    return entered.operator, entered.token


def test_sign_in_counts_for_five_minutes_and_then_the_password_for_as_long(
    house: Site, signed_in: tuple[Operator, str]
) -> None:
    operator, token = signed_in
    assert confirmation.is_fresh(Acting(house, operator, later(minutes=5)), token)
    assert not confirmation.is_fresh(Acting(house, operator, later(minutes=5, seconds=1)), token)
    confirmation.confirm(Acting(house, operator, later(minutes=30)), token, PASSWORD)
    assert confirmation.is_fresh(Acting(house, operator, later(minutes=35)), token)
    assert not confirmation.is_fresh(Acting(house, operator, later(minutes=36)), token)


def test_clock_set_back_and_another_session_confirm_nothing(
    house: Site, signed_in: tuple[Operator, str]
) -> None:
    operator, token = signed_in
    assert not confirmation.is_fresh(Acting(house, operator, later(minutes=-1)), token)
    assert not confirmation.is_fresh(Acting(house, operator, NOW), "")
    assert not confirmation.is_fresh(Acting(house, ADMIN, NOW), token)


def test_wrong_password_confirms_nothing_and_is_throttled(
    house: Site, signed_in: tuple[Operator, str]
) -> None:
    operator, token = signed_in
    now = later(minutes=30)
    for _ in range(10):
        with pytest.raises(BadInput) as refusal:
            confirmation.confirm(Acting(house, operator, now), token, "not this one at all")
        assert refusal.value.field == "password"
    with pytest.raises(Throttled):
        confirmation.confirm(Acting(house, operator, now), token, PASSWORD)
    assert not confirmation.is_fresh(Acting(house, operator, now), token)


def test_command_line_has_no_password_to_type(house: Site) -> None:
    confirmation.require_fresh(Acting(house, MACHINE, NOW), "")

from controller.decision.rules.cardholder_status import cardholder_status
from controller.model.credentials import CardholderStatus
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import NOON, TOKYO, badge, tap


def test_suspended_person_refused_with_a_good_badge() -> None:
    request = tap(badge(holder=CardholderStatus.SUSPENDED))
    assert cardholder_status(request, NOON, TOKYO) is DenyReason.CARDHOLDER_SUSPENDED


def test_active_person_passes() -> None:
    assert cardholder_status(tap(badge()), NOON, TOKYO) is None

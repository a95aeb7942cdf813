from controller.decision.rules.credential_known import credential_known
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import NOON, TOKYO, badge, tap


def test_card_nobody_entered_unknown() -> None:
    assert credential_known(tap(None), NOON, TOKYO) is DenyReason.CREDENTIAL_UNKNOWN


def test_badge_known() -> None:
    assert credential_known(tap(badge()), NOON, TOKYO) is None

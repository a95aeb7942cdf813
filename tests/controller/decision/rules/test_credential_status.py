import pytest

from controller.decision.rules.credential_status import credential_status
from controller.model.credentials import CredentialStatus
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import NOON, TOKYO, badge, tap


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (CredentialStatus.ACTIVE, None),
        (CredentialStatus.SUSPENDED, DenyReason.CREDENTIAL_SUSPENDED),
        (CredentialStatus.LOST, DenyReason.CREDENTIAL_LOST),
    ],
)
def test_badge_of_each_status_gets_its_reason(status: CredentialStatus, reason: DenyReason | None) -> None:
    assert credential_status(tap(badge(status=status)), NOON, TOKYO) is reason


def test_statuses_all_tried() -> None:
    assert len(CredentialStatus) == 3

from dataclasses import replace

import pytest

from controller.decision.access import decide
from controller.decision.rules.rights_on_record import rights_on_record
from controller.model.access import RightsState
from controller.model.credentials import CredentialStatus
from controller.model.reasons import AccessWarning, DenyReason
from tests.controller.decision.samples import NOON, PLAIN_FACTS, TOKYO, badge, tap


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (RightsState.UNCHECKED, None),
        (RightsState.IN_FORCE, None),
        (RightsState.UNACCOUNTED, DenyReason.RIGHTS_UNACCOUNTED),
        (RightsState.UNACCOUNTED_ADMITTED, AccessWarning.UNACCOUNTED_ADMITTED),
        (RightsState.UNREADABLE, DenyReason.JOURNAL_UNAVAILABLE),
    ],
)
def test_rights_of_each_state_get_their_reason(
    state: RightsState, reason: DenyReason | AccessWarning | None
) -> None:
    request = replace(tap(badge()), rights=state)
    assert rights_on_record(request, NOON, TOKYO) is reason


def test_badge_without_a_record_is_refused_for_that_before_its_state_is_judged() -> None:
    request = replace(tap(badge(status=CredentialStatus.LOST)), rights=RightsState.UNACCOUNTED)
    assert decide(request, NOON, PLAIN_FACTS).reason is DenyReason.RIGHTS_UNACCOUNTED

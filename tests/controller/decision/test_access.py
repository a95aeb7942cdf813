from pathlib import Path

import pytest

from controller.decision import rules
from controller.decision.access import ADMITTED, RULES, decide
from controller.model.access import AccessRecord
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import HOUSE, NOON, badge, tap, utc, weekly

YESTERDAY, TOMORROW = utc("2026-11-24 12:00"), utc("2026-11-26 12:00")
NEVER = (weekly(),)
SUSPENDED = CardholderStatus.SUSPENDED


def test_good_badge_in_its_time_and_place_admitted() -> None:
    assert decide(tap(badge()), NOON, HOUSE) == ADMITTED


# Each badge fails its own rule and every later one, so only the order decides which reason is given.
@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, DenyReason.CREDENTIAL_UNKNOWN),
        (
            badge(
                status=CredentialStatus.LOST,
                valid_until=YESTERDAY,
                holder=SUSPENDED,
                access_point="x",
                schedules=NEVER,
            ),
            DenyReason.CREDENTIAL_LOST,
        ),
        (
            badge(
                status=CredentialStatus.SUSPENDED,
                valid_until=YESTERDAY,
                holder=SUSPENDED,
                access_point="x",
                schedules=NEVER,
            ),
            DenyReason.CREDENTIAL_SUSPENDED,
        ),
        (
            badge(valid_until=YESTERDAY, holder=SUSPENDED, access_point="x", schedules=NEVER),
            DenyReason.CREDENTIAL_EXPIRED,
        ),
        (
            badge(valid_from=TOMORROW, holder=SUSPENDED, access_point="x", schedules=NEVER),
            DenyReason.CREDENTIAL_NOT_YET_VALID,
        ),
        (badge(holder=SUSPENDED, access_point="x", schedules=NEVER), DenyReason.CARDHOLDER_SUSPENDED),
        (badge(access_point="x", schedules=NEVER), DenyReason.NO_ACCESS_HERE),
        (badge(schedules=NEVER), DenyReason.OUTSIDE_SCHEDULE),
    ],
)
def test_badge_that_fails_several_rules_is_given_the_first_reason(
    record: AccessRecord | None, reason: DenyReason
) -> None:
    assert decide(tap(record), NOON, HOUSE).reason is reason


def test_every_rule_is_in_the_order_once() -> None:
    """A rule file that nobody lists would be a rule that nobody applies."""
    files = {file.stem for file in Path(rules.__path__[0]).glob("*.py")} - {"__init__"}
    assert sorted(rule.title for rule in RULES) == sorted(files)

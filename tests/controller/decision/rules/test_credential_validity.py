from dataclasses import replace
from datetime import timedelta

import pytest

from controller.decision.rules.credential_validity import credential_validity
from controller.decision.site import SitePolicy
from controller.model.moment import ClockState
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import NOON, TOKYO, TOKYO_ALLOWS, at, badge, tap, utc

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ("2026-04-01 08:59:59", DenyReason.CREDENTIAL_NOT_YET_VALID),
        ("2026-04-01 09:00:00", None),
        ("2027-03-31 23:59:59", None),
        ("2027-04-01 00:00:00", DenyReason.CREDENTIAL_EXPIRED),
    ],
)
def test_badge_valid_from_its_first_moment_until_before_its_last(now: str, reason: DenyReason | None) -> None:
    record = badge(valid_from=utc("2026-04-01 09:00"), valid_until=utc("2027-04-01 00:00"))
    assert credential_validity(tap(record), at(now), TOKYO) is reason


def test_badge_without_limits_always_valid() -> None:
    assert (
        credential_validity(tap(badge()), at("1970-01-01 09:00", clock=ClockState.UNTRUSTED), TOKYO) is None
    )


@pytest.mark.parametrize("site", [TOKYO, TOKYO_ALLOWS])
def test_clock_set_back_never_revives_an_expired_badge(site: SitePolicy) -> None:
    """With the clock set back by 1 minute to 1 year, 100 of 100 taps are denied under any site setting."""
    record = badge(valid_until=NOON.utc - SECOND)
    year, minute = timedelta(days=365), timedelta(minutes=1)
    for step in range(100):
        back = minute + (year - minute) * step / 99
        now = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED, not_before="2026-11-25 12:00")
        set_back = replace(now, utc=now.utc - back)
        assert credential_validity(tap(record), set_back, site) is DenyReason.CREDENTIAL_EXPIRED


def test_clock_set_ahead_does_not_bring_a_badge_to_life_early() -> None:
    record = badge(valid_from=utc("2026-12-01 00:00"))
    later = at("2027-06-01 12:00", clock=ClockState.UNTRUSTED, not_before="2026-11-25 12:00")
    assert credential_validity(tap(record), later, TOKYO) is DenyReason.CLOCK_UNTRUSTED
    assert credential_validity(tap(record), later, TOKYO_ALLOWS) is None


def test_badge_begun_before_the_newest_trusted_time_passes_with_an_untrusted_clock() -> None:
    record = badge(valid_from=utc("2026-11-25 12:00"))
    later = at("2027-06-01 12:00", clock=ClockState.UNTRUSTED, not_before="2026-11-25 12:00")
    assert credential_validity(tap(record), later, TOKYO) is None


def test_first_boot_with_an_untrusted_clock_does_not_know_whether_a_badge_has_begun() -> None:
    record = badge(valid_from=utc("2026-11-01 00:00"))
    now = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED)
    assert credential_validity(tap(record), now, TOKYO) is DenyReason.CLOCK_UNTRUSTED


def test_holdover_clock_is_believed() -> None:
    record = badge(valid_from=utc("2026-11-25 11:00"))
    assert credential_validity(tap(record), at("2026-11-25 12:00", clock=ClockState.HOLDOVER), TOKYO) is None


def test_badge_with_an_end_is_not_known_to_last_where_no_trusted_time_is_known() -> None:
    record = badge(valid_until=utc("2026-12-01 00:00"))
    nobody_knows = at("2026-11-25 12:00", clock=ClockState.UNTRUSTED)
    assert credential_validity(tap(record), nobody_knows, TOKYO) is DenyReason.CLOCK_UNTRUSTED
    assert credential_validity(tap(record), nobody_knows, TOKYO_ALLOWS) is None

from controller.decision.rules.access_level import access_level
from controller.model.reasons import DenyReason
from tests.controller.decision.samples import NOON, TOKYO, badge, tap, weekly


def test_person_without_any_access_rule_has_no_access_here() -> None:
    assert access_level(tap(badge(schedules=())), NOON, TOKYO) is DenyReason.NO_ACCESS_HERE


def test_rule_for_another_access_point_gives_no_access_here() -> None:
    """The look-up hands over only this access point's rules; one that slips through must not open."""
    assert access_level(tap(badge(access_point="archive-in")), NOON, TOKYO) is DenyReason.NO_ACCESS_HERE


def test_card_without_a_record_has_no_access_here() -> None:
    assert access_level(tap(None), NOON, TOKYO) is DenyReason.NO_ACCESS_HERE


def test_rule_for_this_access_point_passes_whatever_its_schedule() -> None:
    """When is the next rule's question."""
    assert access_level(tap(badge(schedules=(weekly(),))), NOON, TOKYO) is None

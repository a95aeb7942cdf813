from dataclasses import replace

from controller.decision.access import decide
from controller.decision.facts import SITE
from controller.model.reasons import AccessWarning, DenyReason
from tests.controller.decision.samples import NOON
from tests.controller.decision.situations import site_facts, taps, who


def test_area_in_lockdown_refuses() -> None:
    assert decide(taps(), NOON, site_facts(lockdowns=frozenset({"floor"}))).reason is DenyReason.LOCKDOWN


def test_site_in_lockdown_refuses_everywhere() -> None:
    facts = site_facts(lockdowns=frozenset({SITE}))
    for access_point in ("entrance-in", "archive-in", "street-in"):
        assert decide(taps(access_point=access_point), NOON, facts).reason is DenyReason.LOCKDOWN


def test_lockdown_of_the_area_around_holds_inside_too_and_not_the_other_way_round() -> None:
    flat = site_facts()
    archive = replace(flat.book.areas["archive"], within="floor")
    nested = replace(flat.book, areas={**flat.book.areas, "archive": archive})
    locked = replace(flat, book=nested, lockdowns=frozenset({"floor"}))
    refused = decide(taps(access_point="archive-in"), NOON, locked)
    assert refused.reason is DenyReason.LOCKDOWN, "also by a door of the archive to the street"
    assert decide(taps(access_point="archive-out"), NOON, locked).reason is None
    room_only = replace(locked, lockdowns=frozenset({"archive"}))
    assert decide(taps(access_point="entrance-in"), NOON, room_only).reason is None


def test_another_area_in_lockdown_admits() -> None:
    assert decide(taps(), NOON, site_facts(lockdowns=frozenset({"archive"}))).reason is None


def test_anyone_who_may_override_it_passes() -> None:
    assert decide(taps(who(overrides=True)), NOON, site_facts(lockdowns=frozenset({SITE}))).reason is None


def test_override_in_a_lockdown_is_noted_and_only_there() -> None:
    noted = (AccessWarning.LOCKDOWN_OVERRIDDEN,)
    boss = who(overrides=True)
    assert decide(taps(boss), NOON, site_facts(lockdowns=frozenset({"floor"}))).warnings == noted
    assert decide(taps(boss), NOON, site_facts(lockdowns=frozenset({"archive"}))).warnings == ()
    assert decide(taps(boss), NOON, site_facts()).warnings == ()
    out = taps(boss, "entrance-out")
    assert (
        AccessWarning.LOCKDOWN_OVERRIDDEN
        not in decide(out, NOON, site_facts(lockdowns=frozenset({SITE}))).warnings
    )


def test_leaving_is_free() -> None:
    facts = site_facts(lockdowns=frozenset({SITE, "floor"}))
    assert decide(taps(access_point="entrance-out"), NOON, facts).reason is None

"""Find empty areas that nobody could enter first: rules that each admit somebody can block one another."""

from collections.abc import Iterator
from datetime import UTC, datetime

from controller.decision.access import RULES, apply_rule
from controller.decision.facts import Facts
from controller.decision.presence import Presence
from controller.decision.site import SitePolicy
from controller.errors import N_
from controller.model.access import AccessRecord, AccessRequest, Direction
from controller.model.credentials import (
    Cardholder,
    CardholderStatus,
    Credential,
    CredentialKind,
    CredentialStatus,
)
from controller.model.finding_names import NameList
from controller.model.moment import ClockState, Moment
from controller.model.rule_book import Rules
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import Weight
from controller.services.rules.findings import Finding
from controller.services.rules.site_book import PointRules, SiteBook

_WHENEVER = Moment(datetime(2026, 1, 1, tzinfo=UTC), 0, "", ClockState.TRUSTED)


def nobody_first(site: SiteBook) -> Iterator[Finding]:
    """Report only combinations of rules: other checks report a single rule that admits no category.

    Skip an area with an entry that leads out of a door: rules only warn there, so people can enter. A door of
    an inner area does not count as an entry of this one: it fills this area only after a missed tap.
    """
    config = site.config.site
    policy = SitePolicy(config.time_zone, config.when_clock_untrusted, config.day_ends)
    facts = Facts(policy, site.book, Presence())
    for area in site.book.areas.values():
        points = [point for name in area.entries if (point := site.points.get(name))]
        if any(point.direction is Direction.OUT for point in points):
            continue
        waiting = [_waiting(point, facts) for point in points]
        if not waiting or not all(waiting):
            continue
        rules, where = waiting[0], points[0].paths[waiting[0][-1]]
        if len(rules) == 1 and (key := SETTINGS[rules[0]].parts_clash):
            yield Finding(where, key, weight=Weight.CLASH)
        else:
            yield Finding(
                where,
                N_(
                    "These rules wait for one another, so nobody can enter first: {rules}; change one of "
                    "them."
                ),
                {"rules": NameList(rules)},
                Weight.CLASH,
            )


def _waiting(point: PointRules, facts: Facts) -> tuple[RuleName, ...]:
    """The rules that only together refuse every category; empty if somebody may enter."""
    enforced = {name: one for name, one in point.rules.items() if one.needs_kinds and one.is_enforced}
    requests = [_request(point, category) for category in (None, *facts.book.categories)]

    def lets_in(rules: Rules) -> bool:
        return any(_passes(request, facts, rules) for request in requests)

    if lets_in(enforced) or not all(
        lets_in({name: part}) for name, one in enforced.items() for part in one.parts()
    ):
        return ()
    for name in tuple(enforced):  # keep only rules without which somebody could enter
        others = {other: one for other, one in enforced.items() if other is not name}
        enforced = enforced if lets_in(others) else others
    return tuple(enforced)


def _passes(request: AccessRequest, facts: Facts, rules: Rules) -> bool:
    active = [rule for rule in RULES if rule.name in rules]
    return all(
        apply_rule(rule, request, now=_WHENEVER, facts=facts, settings=rules)[0] is None for rule in active
    )


def _request(point: PointRules, category: str | None) -> AccessRequest:
    holder = Cardholder("somebody", "", CardholderStatus.ACTIVE, category)
    badge = Credential(
        id="badge", status=CredentialStatus.ACTIVE, last_four="", valid_from=None, valid_until=None
    )
    return AccessRequest(
        door=point.door,
        access_point=point.name,
        reader="",
        direction=Direction.IN,
        kind=CredentialKind.FELICA,
        card_hash=b"",
        last_four="",
        record=AccessRecord(badge, holder, ()),
        registry_version=0,
    )

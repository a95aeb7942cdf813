"""Find empty areas that nobody could enter first: rules that each admit somebody can block one another."""

from collections.abc import Iterator
from datetime import UTC, datetime

from controller.config import Config
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
from controller.model.rule_book import RuleBook, Rules
from controller.model.rules.order import SETTINGS, RuleName
from controller.services.rules.check import setting_path
from controller.services.rules.findings import Finding, clash

_WHENEVER = Moment(datetime(2026, 1, 1, tzinfo=UTC), 0, "", ClockState.TRUSTED)


def nobody_first(book: RuleBook, config: Config) -> Iterator[Finding]:
    """Report only combinations of rules: other checks report a single rule that admits no category.

    Skip an area with an entry that leads out of a door: rules only warn there, so people can enter. A door of
    an inner area does not count as an entry of this one: it fills this area only after a missed tap.
    """
    site = SitePolicy(config.site.time_zone, config.site.when_clock_untrusted, config.site.day_ends)
    for area in book.areas.values():
        points = [point for name in area.entries if (point := config.access_points.get(name))]
        if any(point.direction is Direction.OUT for point in points):
            continue
        waiting = [_waiting(book, site, point.name, point.door) for point in points]
        if not waiting or not all(waiting):
            continue
        rules, point = waiting[0], points[0]
        where = setting_path(book, point.door, point.name, rules[-1])
        if len(rules) == 1 and (key := SETTINGS[rules[0]].parts_clash):
            yield clash(where, key)
        else:
            yield clash(
                where,
                N_(
                    "These rules wait for one another, so nobody can enter first: {rules}; change one of "
                    "them."
                ),
                rules=NameList(rules),
            )


def _waiting(book: RuleBook, site: SitePolicy, point: str, door: str) -> tuple[RuleName, ...]:
    """The rules that only together refuse every category; empty if somebody may enter."""
    at_the_door = book.rules_at(door, point)
    enforced = {name: one for name, one in at_the_door.items() if one.asks_kinds and one.is_enforced}
    facts = Facts(site, book, Presence())
    requests = [_request(door, point, kind) for kind in (None, *book.categories)]

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


def _request(door: str, point: str, category: str | None) -> AccessRequest:
    holder = Cardholder("somebody", "", CardholderStatus.ACTIVE, category)
    badge = Credential(
        id="badge", status=CredentialStatus.ACTIVE, last_four="", valid_from=None, valid_until=None
    )
    return AccessRequest(
        door=door,
        access_point=point,
        reader="",
        direction=Direction.IN,
        kind=CredentialKind.FELICA,
        card_hash=b"",
        last_four="",
        record=AccessRecord(badge, holder, ()),
        registry_version=0,
    )

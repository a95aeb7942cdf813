"""Warnings when somebody leaves an area, by any door and in any direction. They never hinder leaving."""

from collections.abc import Callable, Sequence

from controller.decision.exits import Exit, ExitWarning
from controller.decision.facts import Facts
from controller.decision.mix import Mix
from controller.decision.rule_files import RULE_FILES
from controller.model.access import AccessRequest
from controller.model.reasons import AccessWarning
from controller.model.rule_book import Area
from controller.model.rules.setting import RuleSetting

Leaving = Callable[[Exit, Sequence[RuleSetting]], ExitWarning | None]


def leaving(request: AccessRequest, facts: Facts) -> tuple[AccessWarning, ...]:
    return tuple(one.warning for one in exit_warnings(request, facts))


def exit_warnings(request: AccessRequest, facts: Facts) -> tuple[ExitWarning, ...]:
    """Warnings about the people who stay inside; none when the last person leaves the area."""
    area = facts.book.area_left(request.access_point)
    if area is None or facts.presence is None or request.record is None:
        return ()
    who = facts.presence.inside_of(request.record.cardholder.id, area.name)
    if who is None:
        return (ExitWarning(AccessWarning.OUT_WITHOUT_IN),)
    if facts.presence.count(area.name) == 1:
        return ()
    settings = _guarding(area, facts)
    before = Mix.inside(area.name, facts.presence, facts.book)
    found = Exit(who, facts.presence, before, before.without(who.category, facts.book))
    return tuple(one for judge in _JUDGES if (one := judge(found, settings)) is not None)


def _guarding(area: Area, facts: Facts) -> list[RuleSetting]:
    """The settings at all entries of the area, for a person who leaves by any door."""
    return [
        setting
        for point in area.entries
        for setting in facts.book.rules_at(facts.door_of.get(point, ""), point).values()
        if not setting.is_off
    ]


_JUDGES: tuple[Leaving, ...] = tuple(file.leaving for file in RULE_FILES.values() if hasattr(file, "leaving"))
# Warnings that records of earlier versions do not have.
LATER_WARNINGS: frozenset[AccessWarning] = frozenset().union(
    *(getattr(file, "LATER_WARNINGS", ()) for file in RULE_FILES.values())
)

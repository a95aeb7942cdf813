"""What the registry defines for everybody: rule book, schedules, access levels, days, lockdowns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from controller.model.access import AccessRule, LevelMembership, Schedule
from controller.model.recorded_rights import ALL, Subject, SubjectKind
from controller.model.rule_book import RuleBook

RULES, DAYS, LOCKDOWNS = (
    Subject(kind, ALL) for kind in (SubjectKind.RULES, SubjectKind.DAYS, SubjectKind.LOCKDOWNS)
)


def _none() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Definitions:
    """As they were at one moment; they never change. `schedules` and `levels` go by id; a level is its access
    points, each with the id of a schedule. `lockdowns`: the time each began, by area. `digests`: of each
    subject.
    """

    book: RuleBook = field(default_factory=RuleBook)
    schedules: Mapping[str, Schedule] = field(default_factory=_none)
    levels: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=_none)
    day_types: Mapping[date, str] = field(default_factory=_none)
    lockdowns: Mapping[str, datetime] = field(default_factory=_none)
    digests: Mapping[Subject, bytes] = field(default_factory=_none)

    @property
    def schedules_by_name(self) -> dict[str, Schedule]:
        """As door modes refer to them."""
        return {schedule.name: schedule for schedule in self.schedules.values()}

    def rules_at(self, access_point: str, held: Iterable[LevelMembership]) -> tuple[AccessRule, ...]:
        """The access rules that these levels give here. A schedule in two levels with different times gives
        two rules.
        """
        found: dict[tuple[str, datetime | None, datetime | None], AccessRule] = {}
        for level in held:
            for point, schedule_id in self.levels.get(level.level_id, ()):
                schedule = self.schedules.get(schedule_id)
                if point != access_point or schedule is None:
                    continue
                rule = AccessRule(access_point, schedule, level.valid_from, level.valid_until)
                found[schedule_id, level.valid_from, level.valid_until] = rule
        return tuple(found.values())

    def used_at(self, access_point: str, held: Iterable[LevelMembership]) -> frozenset[Subject]:
        """The definitions that a tap of somebody with these levels depends on here."""
        used = {RULES, DAYS}
        for level in held:
            used.add(Subject(SubjectKind.LEVEL, level.level_id))
            used.update(
                Subject(SubjectKind.SCHEDULE, schedule_id)
                for point, schedule_id in self.levels.get(level.level_id, ())
                if point == access_point
            )
        return frozenset(used)

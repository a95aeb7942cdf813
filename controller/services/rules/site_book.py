"""A rule book at the site it is for: what it says at each access point. The checks of a book read this."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from controller.config import Config
from controller.model.access import Direction
from controller.model.rule_book import RuleBook, Rules
from controller.model.rules.order import RuleName


@dataclass(frozen=True)
class PointRules:
    """An access point, and the rules that apply there."""

    name: str
    door: str
    direction: Direction
    areas: tuple[str, ...]  # the area entered and those around it, the innermost first
    rules: Rules
    paths: Mapping[RuleName, str]  # of each of these rules, for `Finding.where`


@dataclass(frozen=True)
class SiteBook:
    book: RuleBook
    config: Config

    @cached_property
    def points(self) -> Mapping[str, PointRules]:
        """Every access point of the site, by name."""
        return {name: self._point(name) for name in self.config.access_points}

    @cached_property
    def entrances(self) -> tuple[PointRules, ...]:
        """The access points that lead in."""
        return tuple(one for one in self.points.values() if one.direction is Direction.IN)

    def _point(self, name: str) -> PointRules:
        point = self.config.access_points[name]
        areas, rules = self.book.areas_entered(name), self.book.rules_at(point.door, name)
        own = self.book.door(point.door).rules
        paths = {
            rule: f"doors.{point.door}.rules.{rule.value}"
            if rule in own
            else f"areas.{areas[0]}.rules.{rule.value}"
            for rule in rules
        }
        return PointRules(
            name=name, door=point.door, direction=point.direction, areas=areas, rules=rules, paths=paths
        )

"""Find enforced rules of an area and of one within it that block each other, so that nobody can enter."""

from collections.abc import Iterator, Mapping

from controller.config import Config
from controller.errors import N_
from controller.model.access import Direction
from controller.model.finding_names import AreaName, NameList, PlaceName
from controller.model.rule_book import RuleBook, Rules
from controller.model.rules.order import RuleName
from controller.services.rules.check import first_rule, inward, setting_path
from controller.services.rules.findings import Finding, clash

# For each entry: its conditions, each a list of access points of which a person must pass one first.
_Needs = Mapping[str, list[list[str]]]


def nested_clashes(book: RuleBook, config: Config) -> Iterator[Finding]:
    yield from _entry_circles(book, config)
    yield from _pairs_in_areas_for_one(book, config)


def _entry_circles(book: RuleBook, config: Config) -> Iterator[Finding]:
    """Entries that block one another because an area must be entered before one within it.

    `check.py` reports a circle of entries that require each other. An exit from a room into the surrounding
    area does not count as an entry of that area: the log counts one there only after a missed tap.
    """
    needs = _needs(book, config)
    asking = {point: rule for point, _, rules in inward(book, config) if (rule := _outer_rule(rules))}
    shut = _never_passed(needs)
    reported: set[str] = set()
    for start in (point for point in needs if point in shut):
        way = [start]
        while (following := _waits_for(needs[way[-1]], shut)) not in way:
            way.append(following)
        circle = way[way.index(following) :]
        if not {*asking} & {*circle} or reported & {*circle}:
            continue
        reported.update(circle)
        first = next(point for point in circle if point in asking)
        door = config.access_points[first].door
        yield clash(
            setting_path(book, door, first, asking[first]),
            N_(
                "These entries wait for one another, so nobody can enter first: {names}. Remove the "
                "prerequisite, or allow the inner area to be entered without the outer one."
            ),
            names=NameList(PlaceName(point) for point in circle),
        )


def _needs(book: RuleBook, config: Config) -> _Needs:
    needs: dict[str, list[list[str]]] = {}
    for point, _, rules in inward(book, config):
        needs[point] = [[one.earlier] for one in rules.values() if one.earlier and one.is_enforced]
        if _outer_rule(rules):
            needs[point] += [[*book.areas[area].entries] for area in _outer(book, point)]
    return needs


def _never_passed(needs: _Needs) -> frozenset[str]:
    """The entries that nobody can pass, in any order of people. People can pass an access point without
    conditions, such as one that leads out."""
    shut = frozenset(needs)
    while True:
        remaining = frozenset(
            point for point in shut if any(all(one in shut for one in ways) for ways in needs[point])
        )
        if remaining == shut:
            return shut
        shut = remaining


def _waits_for(conditions: list[list[str]], shut: frozenset[str]) -> str:
    return next(ways[0] for ways in conditions if all(one in shut for one in ways))


def _pairs_in_areas_for_one(book: RuleBook, config: Config) -> Iterator[Finding]:
    """Report rules whose two people must both be in a surrounding area that admits only one."""
    reported: set[str] = set()
    for point, door, rules in inward(book, config):
        pair = first_rule(rules, lambda one: one.second_within and one.is_enforced)
        if pair is None or not _outer_rule(rules):
            continue
        where = setting_path(book, door, point, pair)
        around = next((area for area in _outer(book, point) if _is_for_one(book, config, area)), None)
        if around is None or where in reported:
            continue
        reported.add(where)
        yield clash(
            where,
            N_(
                "Two people must enter together by {name}, and both must be in {area} first, where at "
                "most 1 may be inside, so nobody can be the second; raise the number, or turn one of the "
                "rules off."
            ),
            name=PlaceName(point),
            area=AreaName(around),
        )


def _outer_rule(rules: Rules) -> RuleName | None:
    """The enforced rule that admits people only from the surrounding area."""
    return first_rule(rules, lambda one: one.asks_outer and one.is_enforced)


def _outer(book: RuleBook, point: str) -> list[str]:
    """The areas around the one entered here that have entries themselves."""
    return [area for area in book.areas_entered(point)[1:] if area in book.areas and book.areas[area].entries]


def _is_for_one(book: RuleBook, config: Config, area: str) -> bool:
    """Whether every entry of the area refuses a second person."""
    points = [config.access_points.get(name) for name in book.areas[area].entries]
    return all(
        point is not None
        and point.direction is Direction.IN
        and first_rule(
            book.rules_at(point.door, point.name), lambda one: one.most_inside == 1 and one.is_enforced
        )
        for point in points
    )

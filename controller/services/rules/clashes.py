"""Enforced rules that nobody can meet together, at one entrance or at an area and one within it.

An operator may still publish them.
"""

from collections.abc import Callable, Iterator, Mapping

from controller.errors import N_
from controller.model.access import Direction
from controller.model.finding_names import AreaName, NameList, PlaceName
from controller.model.rule_book import Rules
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleSetting, Weight
from controller.services.rules.findings import Finding
from controller.services.rules.site_book import PointRules, SiteBook

# For each entry: its conditions, each a list of access points of which a person must pass one first.
_Needs = Mapping[str, list[list[str]]]


def clashes(site: SiteBook) -> Iterator[Finding]:
    yield from _pairs_where_one_may_be(site)
    yield from _entry_circles(site)
    yield from _pairs_in_areas_for_one(site)


def _pairs_where_one_may_be(site: SiteBook) -> Iterator[Finding]:
    """One rule refuses one person alone, and another refuses two.

    `unless_inside` does not help: a person inside already fills the area.
    """
    reported: set[str] = set()
    for point in site.entrances:
        pair = _pair_rule(point.rules)
        if pair is None or not point.areas or not _admits_one(point.rules):
            continue
        where = point.paths[pair]
        if where in reported:
            continue
        reported.add(where)
        yield Finding(
            where,
            N_(
                "Two people must enter together but at most 1 may be inside, so nobody can enter by "
                "{name}; raise the number, or turn one of the two rules off."
            ),
            {"name": PlaceName(point.name)},
            Weight.CLASH,
        )


def _entry_circles(site: SiteBook) -> Iterator[Finding]:
    """Entries that block one another because an area must be entered before one within it.

    `check.py` reports a circle of entries that require each other. An exit from a room into the surrounding
    area does not count as an entry of that area: the log counts one there only after a missed tap.
    """
    needs = {point.name: _needs(site, point) for point in site.entrances}
    asking = {point.name: rule for point in site.entrances if (rule := _outer_rule(point.rules))}
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
        yield Finding(
            site.points[first].paths[asking[first]],
            N_(
                "These entries wait for one another, so nobody can enter first: {names}. Remove the "
                "prerequisite, or allow the inner area to be entered without the outer one."
            ),
            {"names": NameList(PlaceName(point) for point in circle)},
            Weight.CLASH,
        )


def _needs(site: SiteBook, point: PointRules) -> list[list[str]]:
    needs = [[one.earlier] for one in point.rules.values() if one.earlier and one.is_enforced]
    if _outer_rule(point.rules):
        needs += [_ways_into(site, area) for area in _outer(site, point)]
    return needs


def _ways_into(site: SiteBook, area: str) -> list[str]:
    """The entries of the area, then those of the areas within it: a person in there is in this one, too."""
    areas = site.book.areas
    inner = [one for one in areas.values() if area in site.book.around(one.name)]
    return [entry for one in (areas[area], *inner) for entry in one.entries]


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


def _pairs_in_areas_for_one(site: SiteBook) -> Iterator[Finding]:
    """Report rules whose two people must both be in a surrounding area that admits only one."""
    reported: set[str] = set()
    for point in site.entrances:
        pair = _pair_rule(point.rules)
        if pair is None or not _outer_rule(point.rules):
            continue
        where = point.paths[pair]
        around = next((area for area in _outer(site, point) if _is_for_one(site, area)), None)
        if around is None or where in reported:
            continue
        reported.add(where)
        yield Finding(
            where,
            N_(
                "Two people must enter together by {name}, and both must be in {area} first, where at "
                "most 1 may be inside, so nobody can be the second; raise the number, or turn one of the "
                "rules off."
            ),
            {"name": PlaceName(point.name), "area": AreaName(around)},
            Weight.CLASH,
        )


def _outer(site: SiteBook, point: PointRules) -> list[str]:
    """The areas around the one entered here that have entries themselves."""
    areas = site.book.areas
    return [name for name in point.areas[1:] if name in areas and areas[name].entries]


def _is_for_one(site: SiteBook, area: str) -> bool:
    """Whether every entry of the area refuses a second person."""
    points = [site.points.get(name) for name in site.book.areas[area].entries]
    return all(
        point is not None and point.direction is Direction.IN and _admits_one(point.rules) for point in points
    )


def _admits_one(rules: Rules) -> bool:
    return any(one.most_inside == 1 and one.is_enforced for one in rules.values())


def _pair_rule(rules: Rules) -> RuleName | None:
    """The enforced rule that refuses one person alone."""
    return _first_enforced(rules, lambda one: one.second_within)


def _outer_rule(rules: Rules) -> RuleName | None:
    """The enforced rule that admits people only from the surrounding area."""
    return _first_enforced(rules, lambda one: one.needs_outer)


def _first_enforced(rules: Rules, asks: Callable[[RuleSetting], object]) -> RuleName | None:
    return next((name for name, one in rules.items() if one.is_enforced and asks(one)), None)

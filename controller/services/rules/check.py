"""Problems of a rule book: everything it names must exist, and no rule may contradict itself."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.finding_names import AreaName, PlaceName
from controller.model.rule_book import Area, RuleBook
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import NameOf
from controller.services.access import holidays
from controller.services.rules.findings import NO_ACCESS_POINT, Finding
from controller.services.rules.settings import problems_by_place
from controller.services.rules.site_book import SiteBook

_ASSIGNED_TWICE = {
    "entries": N_("{name} is already an entry of the area {other}; remove it from one of them."),
    "exits": N_("{name} is already an exit of the area {other}; remove it from one of them."),
}


def problems(site: SiteBook, schedules: frozenset[str]) -> Iterator[Finding]:
    """Everything to correct before the book can be published. `schedules` are names."""
    yield from _passages(site)
    yield from problems_by_place(site, schedules)
    yield from _circles(site)
    country = site.book.holidays.country
    if not holidays.is_supported(country):
        yield Finding("holidays.country", holidays.UNKNOWN, {"name": country})


def left_lockdowns(site: SiteBook, before: RuleBook, lockdowns: frozenset[str]) -> Iterator[Finding]:
    """Entries that would leave an area under lockdown: an operator ends a lockdown, with a reason, never a
    change of the rules. Check each lockdown by itself: an operator may end another one of the same door at
    any time.
    """
    for point in site.points.values():
        for name in before.areas_entered(point.name):
            if name in lockdowns and name not in point.areas:
                yield Finding(
                    f"areas.{point.areas[0]}.within" if point.areas else f"areas.{name}.entries",
                    N_(
                        "The area {name} is under lockdown, and {point} would no longer be its entry; "
                        "end the lockdown first."
                    ),
                    {"name": AreaName(name), "point": PlaceName(point.name)},
                )


def _passages(site: SiteBook) -> Iterator[Finding]:
    into: dict[str, str] = {}
    out_of: dict[str, str] = {}
    for area in site.book.areas.values():
        where = f"areas.{area.name}"
        if not area.entries:
            yield Finding(
                f"{where}.entries",
                N_("The area {name} has no entry, so nobody can enter; name an access point."),
                {"name": AreaName(area.name)},
            )
        for side, points, owners in (("entries", area.entries, into), ("exits", area.exits, out_of)):
            for point in points:
                if point not in site.points:
                    yield Finding(f"{where}.{side}", NO_ACCESS_POINT, {"name": point})
                elif owners.setdefault(point, area.name) != area.name:
                    other = AreaName(owners[point])
                    yield Finding(
                        f"{where}.{side}", _ASSIGNED_TWICE[side], {"name": PlaceName(point), "other": other}
                    )
        yield from _both_ways(where, area)
        yield from _nesting(f"{where}.within", area, site.book)


def _both_ways(where: str, area: Area) -> Iterator[Finding]:
    for point in sorted({*area.entries} & {*area.exits}):
        yield Finding(
            f"{where}.exits",
            N_("{name} is both an entry and an exit of the area; keep it in one of the two lists."),
            {"name": PlaceName(point)},
        )


def _nesting(where: str, area: Area, book: RuleBook) -> Iterator[Finding]:
    if not area.within:
        return
    outer = book.areas.get(area.within)
    if outer is None:
        yield Finding(
            where, N_("There is no outer area {name}; choose another, or none."), {"name": area.within}
        )
    elif (last := book.areas.get((area.name, *book.around(area.name))[-1])) and last.within in book.areas:
        words = N_("The area {name} would lie within itself; choose another, or none.")
        yield Finding(where, words, {"name": AreaName(area.name)})
    for around in (book.areas[name] for name in book.around(area.name) if name in book.areas):
        for point in sorted(({*area.entries} & {*around.exits}) | ({*area.exits} & {*around.entries})):
            yield Finding(
                where,
                N_(
                    "{name} leads from one of these two areas into the other. People in the inner area "
                    "count in both; remove {name} from the area {other}."
                ),
                {"name": PlaceName(point), "other": AreaName(around.name)},
            )


def _circles(site: SiteBook) -> Iterator[Finding]:
    """Entries that require each other in a circle."""
    asking: dict[str, RuleName] = {}
    before: dict[str, str] = {}
    for point in site.entrances:
        for name, setting in point.rules.items():
            if setting.earlier and not setting.is_off and point.name not in asking:
                asking[point.name], before[point.name] = name, setting.earlier
    reported: set[str] = set()
    for start, name in asking.items():
        way = [start]
        while (following := before.get(way[-1])) is not None and following not in way:
            way.append(following)
        if following == start and start not in reported:
            reported.update(way)
            field = SETTINGS[name].fields_naming(NameOf.ACCESS_POINT)[0]
            yield Finding(
                f"{site.points[start].paths[name]}.{field}",
                N_(
                    "These entries require each other first, so nobody can enter: {name}; remove one of "
                    "the requirements."
                ),
                {"name": " → ".join([*way, start])},
            )

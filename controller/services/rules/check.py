"""Problems of a rule book: everything it names must exist, and no rule may contradict itself."""

from collections.abc import Callable, Iterator

from controller.config import Config
from controller.errors import N_
from controller.model.access import Direction
from controller.model.finding_names import AreaName, PlaceName
from controller.model.rule_book import Area, DoorMode, DoorRules, RuleBook, Rules
from controller.model.rules.order import SETTINGS, RuleName
from controller.model.rules.setting import NameOf, RuleSetting
from controller.services.access import holidays
from controller.services.rules.findings import Finding, finding, no_access_point, no_door
from controller.services.rules.settings import finding_of, setting_problems, unknown_categories


def problems(book: RuleBook, config: Config, schedules: frozenset[str]) -> Iterator[Finding]:
    """Everything to correct before the book can be published. `schedules` are names."""
    yield from _passages(book, config)
    for area in book.areas.values():
        yield from setting_problems(f"areas.{area.name}.rules", area.rules, book, config)
    for door in book.doors.values():
        where = f"doors.{door.door}"
        if door.door not in config.doors:
            yield no_door(where, door.door)
            continue
        yield from _modes(where, door, book, schedules)
        yield from setting_problems(f"{where}.rules", door.rules, book, config)
        yield from _of_no_area(where, door, book, config)
    yield from _at_doors(book, config)
    yield from _circles(book, config)
    if not holidays.is_supported(book.holidays.country):
        yield finding("holidays.country", holidays.UNKNOWN, book.holidays.country)


def freed(book: RuleBook, before: RuleBook, lockdowns: frozenset[str], config: Config) -> Iterator[Finding]:
    """Entries that would leave an area under lockdown: an operator ends a lockdown, with a reason, never a
    change of the rules. Check each lockdown by itself: an operator may end another one of the same door at
    any time.
    """
    for point in config.access_points.values():
        area, entered = book.area_entered(point.name), book.areas_entered(point.name)
        for name in before.areas_entered(point.name):
            if name in lockdowns and name not in entered:
                yield finding(
                    f"areas.{name}.entries" if area is None else f"areas.{area.name}.within",
                    N_(
                        "The area {name} is under lockdown, and {point} would no longer be its entry; "
                        "end the lockdown first."
                    ),
                    AreaName(name),
                    point=PlaceName(point.name),
                )


def _passages(book: RuleBook, config: Config) -> Iterator[Finding]:
    into: dict[str, str] = {}
    out_of: dict[str, str] = {}
    for area in book.areas.values():
        where = f"areas.{area.name}"
        if not area.entries:
            yield finding(
                f"{where}.entries",
                N_("The area {name} has no entry, so nobody can enter; name an access point."),
                AreaName(area.name),
            )
        for side, points, owners in (("entries", area.entries, into), ("exits", area.exits, out_of)):
            for point in points:
                if point not in config.access_points:
                    yield no_access_point(f"{where}.{side}", point)
                elif owners.setdefault(point, area.name) != area.name:
                    yield _assigned_twice(f"{where}.{side}", side, point, owners[point])
        yield from _both_ways(where, area)
        yield from _nesting(f"{where}.within", area, book)


def _assigned_twice(where: str, side: str, point: str, other: str) -> Finding:
    if side == "entries":
        return finding(
            where,
            N_("{name} is already an entry of the area {other}; remove it from one of them."),
            PlaceName(point),
            other=AreaName(other),
        )
    return finding(
        where,
        N_("{name} is already an exit of the area {other}; remove it from one of them."),
        PlaceName(point),
        other=AreaName(other),
    )


def _both_ways(where: str, area: Area) -> Iterator[Finding]:
    for point in sorted({*area.entries} & {*area.exits}):
        yield finding(
            f"{where}.exits",
            N_("{name} is both an entry and an exit of the area; keep it in one of the two lists."),
            PlaceName(point),
        )


def _nesting(where: str, area: Area, book: RuleBook) -> Iterator[Finding]:
    if not area.within:
        return
    outer = book.areas.get(area.within)
    if outer is None:
        yield finding(
            where,
            N_("There is no outer area {name}; choose another, or none."),
            area.within,
        )
    elif book.areas[(area.name, *book.around(area.name))[-1]].within in book.areas:
        words = N_("The area {name} would lie within itself; choose another, or none.")
        yield finding(where, words, AreaName(area.name))
    for around in (book.areas[name] for name in book.around(area.name) if name in book.areas):
        for point in sorted(({*area.entries} & {*around.exits}) | ({*area.exits} & {*around.entries})):
            yield finding(
                where,
                N_(
                    "{name} leads from one of these two areas into the other. People in the inner area "
                    "count in both; remove {name} from the area {other}."
                ),
                PlaceName(point),
                other=AreaName(around.name),
            )


def _modes(where: str, door: DoorRules, book: RuleBook, schedules: frozenset[str]) -> Iterator[Finding]:
    for place, one in enumerate(door.scheduled, 1):
        here = f"{where}.scheduled.{place}"
        if one.schedule not in schedules:
            yield finding(
                f"{here}.schedule",
                N_("There is no schedule named {name}; add it, or choose another."),
                one.schedule,
            )
        yield from unknown_categories(f"{here}.first_person", one.first_person, book)
        if one.first_person and one.mode is not DoorMode.UNLOCKED:
            yield finding(
                f"{here}.first_person",
                N_("Only an unlocked door can wait for the first person; remove first_person."),
            )


def _of_no_area(where: str, door: DoorRules, book: RuleBook, config: Config) -> Iterator[Finding]:
    """Rules about presence in an area, on a door that leads into none.

    An area without a usable entry may be the one behind this door: `_passages` reports it, and that comes
    first.
    """
    if any(not (area.entries and {*area.entries} <= {*config.access_points}) for area in book.areas.values()):
        return
    points = [point.name for point in config.access_points.values() if point.door == door.door]
    if any(book.area_entered(point) for point in points):
        return
    for name, setting in door.rules.items():
        if not setting.is_off:
            for remark in setting.problems_without_area(PlaceName(door.door)):
                yield finding_of(f"{where}.rules.{name.value}", remark)


def inward(book: RuleBook, config: Config) -> Iterator[tuple[str, str, Rules]]:
    """Each access point that leads in, its door, and the rules that apply there."""
    for point in config.access_points.values():
        if point.direction is Direction.IN:
            yield point.name, point.door, book.rules_at(point.door, point.name)


def setting_path(book: RuleBook, door: str, point: str, name: RuleName) -> str:
    """The path, for `Finding.where`, of the setting that applies at this access point."""
    area = book.area_entered(point)
    own = name in book.door(door).rules
    return (
        f"doors.{door}.rules.{name.value}" if own or area is None else f"areas.{area.name}.rules.{name.value}"
    )


def first_rule(rules: Rules, claim: Callable[[RuleSetting], object]) -> RuleName | None:
    """The first rule of a place whose setting meets the claim."""
    return next((name for name, one in rules.items() if claim(one)), None)


def _at_doors(book: RuleBook, config: Config) -> Iterator[Finding]:
    """Settings that contradict the door where they apply, each once."""
    reported = set()
    for point, door, rules in inward(book, config):
        for name, setting in rules.items():
            where = setting_path(book, door, point, name)
            if setting.is_off or where in reported:
                continue
            for remark in setting.problems_at(PlaceName(door)):
                reported.add(where)
                yield finding_of(where, remark)


def _circles(book: RuleBook, config: Config) -> Iterator[Finding]:
    """Entries that require each other in a circle."""
    asking: dict[str, RuleName] = {}
    before: dict[str, str] = {}
    for point, _, rules in inward(book, config):
        name = first_rule(rules, lambda one: one.earlier and not one.is_off)
        if name is not None:
            asking[point], before[point] = name, rules[name].earlier
    reported: set[str] = set()
    for start, name in asking.items():
        way = [start]
        while (following := before.get(way[-1])) is not None and following not in way:
            way.append(following)
        if following == start and start not in reported:
            reported.update(way)
            where = setting_path(book, config.access_points[start].door, start, name)
            yield finding(
                f"{where}.{SETTINGS[name].fields_naming(NameOf.ACCESS_POINT)[0]}",
                N_(
                    "These entries require each other first, so nobody can enter: {name}; remove one of "
                    "the requirements."
                ),
                " → ".join([*way, start]),
            )

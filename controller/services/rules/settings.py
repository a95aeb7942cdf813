"""The settings of each area and door: what they name must exist, and each must mean something possible."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.finding_names import PlaceName
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, Rules
from controller.model.rules.setting import NameOf, Remark, RuleSetting
from controller.services.rules.findings import NO_ACCESS_POINT, NO_DOOR, Finding
from controller.services.rules.site_book import SiteBook


def problems_by_place(site: SiteBook, schedules: frozenset[str]) -> Iterator[Finding]:
    """Problems of each area's rules, then of each door's modes and rules, then of rules where they apply."""
    for area in site.book.areas.values():
        yield from setting_problems(f"areas.{area.name}.rules", area.rules, site)
    for door in site.book.doors.values():
        where = f"doors.{door.door}"
        if door.door not in site.config.doors:
            yield Finding(where, NO_DOOR, {"name": door.door})
            continue
        yield from _modes(where, door, site.book, schedules)
        yield from setting_problems(f"{where}.rules", door.rules, site)
        yield from _of_no_area(f"{where}.rules", door, site)
    yield from _at_doors(site)


def setting_problems(where: str, rules: Rules, site: SiteBook) -> Iterator[Finding]:
    for name, setting in rules.items():
        here = f"{where}.{name.value}"
        yield from _categories(here, setting, site.book)
        yield from _unknown_names(here, setting, site)
        if not setting.is_off:
            for remark in setting.problems():
                yield finding_of(here, remark)


def _categories(here: str, setting: RuleSetting, book: RuleBook) -> Iterator[Finding]:
    for field, names in setting.names(NameOf.CATEGORY):
        yield from _unknown_categories(f"{here}.{field}", names, book)
        if not names and not setting.is_off:
            yield Finding(f"{here}.{field}", N_("The rule names no category, so it has no effect; name one."))


def _unknown_categories(where: str, names: tuple[str, ...], book: RuleBook) -> Iterator[Finding]:
    for name in names:
        if name not in book.categories:
            key = N_("There is no category {name}; add it, or remove it from the rule.")
            yield Finding(where, key, {"name": name})


def _unknown_names(here: str, setting: RuleSetting, site: SiteBook) -> Iterator[Finding]:
    no_qualification = N_("There is no qualification {name}; add it, or remove it from the rule.")
    for kind, existing, key in (
        (NameOf.QUALIFICATION, site.book.qualifications, no_qualification),
        (NameOf.ACCESS_POINT, site.points, NO_ACCESS_POINT),
        (NameOf.DOOR, site.config.doors, NO_DOOR),
    ):
        for field, names in setting.names(kind):
            for name in names:
                if name not in existing:
                    yield Finding(f"{here}.{field}", key, {"name": name})


def _modes(where: str, door: DoorRules, book: RuleBook, schedules: frozenset[str]) -> Iterator[Finding]:
    for place, one in enumerate(door.scheduled, 1):
        here = f"{where}.scheduled.{place}"
        if one.schedule not in schedules:
            key = N_("There is no schedule named {name}; add it, or choose another.")
            yield Finding(f"{here}.schedule", key, {"name": one.schedule})
        yield from _unknown_categories(f"{here}.first_person", one.first_person, book)
        if one.first_person and one.mode is not DoorMode.UNLOCKED:
            key = N_("Only an unlocked door can wait for the first person; remove first_person.")
            yield Finding(f"{here}.first_person", key)


def _of_no_area(where: str, door: DoorRules, site: SiteBook) -> Iterator[Finding]:
    """Rules about presence in an area, on a door that leads into none.

    An area without a usable entry may be the one behind this door: `check.py` reports it first.
    """
    if any(not area.entries or {*area.entries} - {*site.points} for area in site.book.areas.values()):
        return
    if any(point.areas for point in site.points.values() if point.door == door.door):
        return
    for name, setting in door.rules.items():
        if not setting.is_off:
            for remark in setting.problems_without_area(PlaceName(door.door)):
                yield finding_of(f"{where}.{name.value}", remark)


def _at_doors(site: SiteBook) -> Iterator[Finding]:
    """Settings that contradict the door where they apply, each once."""
    reported = set()
    for point in site.entrances:
        for name, setting in point.rules.items():
            rule = point.paths[name]
            if setting.is_off or rule in reported:
                continue
            for remark in setting.problems_at(PlaceName(point.door)):
                reported.add(rule)
                yield finding_of(rule, remark)


def finding_of(rule: str, remark: Remark) -> Finding:
    """`rule` is the path of the rule in the file."""
    where = f"{rule}.{remark.part}" if remark.part else rule
    return Finding(where, remark.key, remark.values, remark.weight)

"""Effects of a rule book that nobody can have intended. They do not make publishing impossible.

A doubt that more people, PINs or qualifications would resolve is only a warning. A doubt that only other
rules or another reader would resolve is a clash if the rule is enforced: publishing needs the operator's
confirmation.
"""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.access import Direction
from controller.model.finding_names import AreaName, PlaceName
from controller.model.headcount import Headcount
from controller.model.rule_book import Area, DoorMode, DoorRules, RuleBook, Rules
from controller.model.rules.setting import Weight
from controller.services.rules.findings import Finding
from controller.services.rules.settings import finding_of
from controller.services.rules.site_book import PointRules, SiteBook


def doubts(site: SiteBook, people: Headcount, in_force: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """`in_force`: the categories of the rules in force; `category_moves.py` reports those that disappear."""
    for name, count in people.categories.items():
        if count and name is not None and name not in site.book.categories and name not in in_force:
            yield Finding(
                "categories",
                N_(
                    "The category {name} does not exist, but {count} people belong to it; no rule covers "
                    "them."
                ),
                {"name": name, "count": count},
                Weight.DOUBT,
            )
    for area in site.book.areas.values():
        yield from _area(area, site)
        yield from _outer_first(f"areas.{area.name}.rules", area.rules, bool(area.within))
        yield from _rules(f"areas.{area.name}.rules", area.rules, site.book, people)
    for door in site.book.doors.values():
        points = [point for point in site.points.values() if point.door == door.door]
        within = any(len(point.areas) > 1 for point in points)
        yield from _rules(f"doors.{door.door}.rules", door.rules, site.book, people)
        yield from _outer_first(f"doors.{door.door}.rules", door.rules, within)
        yield from _modes(f"doors.{door.door}.mode", door, people, _may_have_keypad(site, points))


def _area(area: Area, site: SiteBook) -> Iterator[Finding]:
    name = {"name": AreaName(area.name)}
    if not area.exits:
        yield Finding(
            f"areas.{area.name}.exits",
            N_("The area {name} has no exit, so everybody who enters counts as inside permanently."),
            name,
            Weight.DOUBT,
        )
    exits = _directions(area.exits, site)
    if exits == {Direction.IN}:
        yield Finding(
            f"areas.{area.name}.exits",
            N_(
                "Every exit of the area {name} is the entry side of a door, where rules may refuse "
                "people who leave."
            ),
            name,
            Weight.DOUBT,
        )
    entries = _directions(area.entries, site)
    if entries == {Direction.OUT} and any(one.is_enforced for one in area.rules.values()):
        yield Finding(
            f"areas.{area.name}.entries",
            N_("Every entry of the area {name} is the exit side of a door, where rules only warn."),
            name,
            Weight.DOUBT,
        )


def _directions(names: tuple[str, ...], site: SiteBook) -> set[Direction]:
    return {point.direction for name in names if (point := site.points.get(name))}


def _outer_first(where: str, rules: Rules, within: bool) -> Iterator[Finding]:
    """`within`: the rules apply at an entry of an area within another."""
    for name, setting in rules.items():
        if setting.needs_outer and not setting.is_off and not within:
            yield Finding(
                f"{where}.{name.value}.outer_first",
                N_(
                    "No area entered here lies within another, so outer_first has no effect; set it for "
                    "the inner area."
                ),
                weight=Weight.DOUBT,
            )


def _modes(where: str, door: DoorRules, people: Headcount, may_have_keypad: bool) -> Iterator[Finding]:
    if DoorMode.CARD_PIN not in (door.mode, *(one.mode for one in door.scheduled)):
        return
    name = {"name": PlaceName(door.door)}
    if not may_have_keypad:
        yield Finding(
            where,
            N_(
                "No reader at the door {name} has a keypad, so nobody can enter a PIN there; use an OSDP "
                "reader with a keypad."
            ),
            name,
            Weight.CLASH,
        )
    if not people.pins:
        yield Finding(
            where,
            N_("Nobody has a PIN yet, so nobody can enter by the door {name} while it requires one."),
            name,
            Weight.DOUBT,
        )


def _may_have_keypad(site: SiteBook, points: list[PointRules]) -> bool:
    """Whether a reader here may have a keypad: an OSDP reader, or a virtual one, which the demo gives a
    keypad.
    """
    names = {point.name for point in points}
    paths = [reader.path for reader in site.config.readers.values() if reader.access_point in names]
    return any(path.startswith(("osdp:", "udp:", "tty:pty:")) for path in paths)


def _rules(where: str, rules: Rules, book: RuleBook, people: Headcount) -> Iterator[Finding]:
    for name, setting in rules.items():
        if not setting.is_off:
            for remark in setting.doubts(book, people, rules):
                yield finding_of(f"{where}.{name.value}", remark)

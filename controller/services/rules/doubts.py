"""Effects of a rule book that nobody can have intended. They do not make publishing impossible.

A doubt that more people, PINs or qualifications would resolve is only a warning. A doubt that only other
rules or another reader would resolve is a clash if the rule is enforced: publishing needs the operator's
confirmation.
"""

from collections.abc import Iterator

from controller.config import Config
from controller.errors import N_
from controller.model.access import Direction
from controller.model.finding_names import AreaName, PlaceName
from controller.model.headcount import Headcount
from controller.model.rule_book import Area, DoorMode, DoorRules, RuleBook, Rules
from controller.model.rules.setting import RuleMode
from controller.services.rules.check import first_rule
from controller.services.rules.findings import Finding, clash, doubt
from controller.services.rules.settings import finding_of


def doubts(
    book: RuleBook, config: Config, people: Headcount, in_force: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """`in_force`: the categories of the rules in force; `category_moves.py` reports those that disappear."""
    for name, count in people.categories.items():
        if count and name is not None and name not in book.categories and name not in in_force:
            yield doubt(
                "categories",
                N_(
                    "The category {name} does not exist, but {count} people belong to it; no rule covers "
                    "them."
                ),
                name=name,
                count=count,
            )
    for area in book.areas.values():
        yield from _area(area, config)
        yield from _outer_first(f"areas.{area.name}.rules", area.rules, bool(area.within))
        yield from _rules(f"areas.{area.name}.rules", area.rules, book, people)
    for door in book.doors.values():
        yield from _rules(f"doors.{door.door}.rules", door.rules, book, people)
        points = [point.name for point in config.access_points.values() if point.door == door.door]
        within = any(len(book.areas_entered(point)) > 1 for point in points)
        yield from _outer_first(f"doors.{door.door}.rules", door.rules, within)
        yield from _modes(f"doors.{door.door}", door, people, config)


def _area(area: Area, config: Config) -> Iterator[Finding]:
    if not area.exits:
        yield doubt(
            f"areas.{area.name}.exits",
            N_("The area {name} has no exit, so everybody who enters counts as inside permanently."),
            name=AreaName(area.name),
        )
    exits = [point for name in area.exits if (point := config.access_points.get(name))]
    if exits and all(point.direction is Direction.IN for point in exits):
        yield doubt(
            f"areas.{area.name}.exits",
            N_(
                "Every exit of the area {name} is the entry side of a door, where rules may refuse "
                "people who leave."
            ),
            name=AreaName(area.name),
        )
    inward = [
        point
        for name in area.entries
        if (point := config.access_points.get(name)) and point.direction is Direction.IN
    ]
    existing = [name for name in area.entries if name in config.access_points]
    if existing and not inward and any(one.mode is RuleMode.ENFORCE for one in area.rules.values()):
        yield doubt(
            f"areas.{area.name}.entries",
            N_("Every entry of the area {name} is the exit side of a door, where rules only warn."),
            name=AreaName(area.name),
        )


def _outer_first(where: str, rules: Rules, within: bool) -> Iterator[Finding]:
    """`within`: the rules apply at an entry of an area within another."""
    asking = first_rule(rules, lambda one: one.asks_outer and not one.is_off)
    if asking is not None and not within:
        yield doubt(
            f"{where}.{asking.value}.outer_first",
            N_(
                "No area entered here lies within another, so outer_first has no effect; set it for the "
                "inner area."
            ),
        )


def _modes(where: str, door: DoorRules, people: Headcount, config: Config) -> Iterator[Finding]:
    modes = (door.mode, *(one.mode for one in door.scheduled))
    if DoorMode.CARD_PIN not in modes:
        return
    if not _may_have_keypad(door.door, config):
        yield clash(
            f"{where}.mode",
            N_(
                "No reader at the door {name} has a keypad, so nobody can enter a PIN there; use an OSDP "
                "reader with a keypad."
            ),
            name=PlaceName(door.door),
        )
    if not people.pins:
        yield doubt(
            f"{where}.mode",
            N_("Nobody has a PIN yet, so nobody can enter by the door {name} while it requires one."),
            name=PlaceName(door.door),
        )


def _may_have_keypad(door: str, config: Config) -> bool:
    """Whether a reader here may have a keypad: an OSDP reader, or a virtual one, which the demo gives a
    keypad.
    """
    points = {point.name for point in config.access_points.values() if point.door == door}
    paths = [reader.path for reader in config.readers.values() if reader.access_point in points]
    return any(path.startswith(("osdp:", "udp:", "tty:pty:")) for path in paths)


def _rules(where: str, rules: Rules, book: RuleBook, people: Headcount) -> Iterator[Finding]:
    for name, setting in rules.items():
        if not setting.is_off:
            for remark in setting.doubts(book, people, rules):
                yield finding_of(f"{where}.{name.value}", remark)

"""Effects of a rule book that nobody can have intended. They do not make publishing impossible.

A doubt that more people, PINs or qualifications would resolve is only a warning. A doubt that only other
rules or another reader would resolve is a clash if the rule is enforced: publishing needs the operator's
confirmation.
"""

from collections.abc import Callable, Iterator

from controller.config import Config
from controller.errors import N_
from controller.model.access import Direction
from controller.model.rule_book import (
    AntiPassbackSetting,
    Area,
    DoorMode,
    DoorRules,
    EscortSetting,
    FirstPersonInSetting,
    OccupancySetting,
    QualificationsSetting,
    RuleBook,
    RuleMode,
    RuleName,
    Rules,
    Setting,
    StaffMixSetting,
    SupervisorPresentSetting,
)
from controller.registry.headcount import Headcount
from controller.services.finding_names import AreaName, CategoryName, NameList, PlaceName, QualificationName
from controller.services.rule_findings import Finding, clash, doubt


def doubts(
    book: RuleBook, config: Config, people: Headcount, in_force: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """`in_force`: the categories of the rules in force; `category_moves.py` reports those that disappear."""
    for name, count in people.categories.items():
        if count and name is not None and name not in book.categories and name not in in_force:
            yield doubt(
                "categories",
                N_(
                    "The category {name} is not there, and {count} people are of it: no rule would name them."
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
            N_("The area {name} has no exit, so everybody who came in counts as inside for ever."),
            name=AreaName(area.name),
        )
    exits = [point for name in area.exits if (point := config.access_points.get(name))]
    if exits and all(point.direction is Direction.IN for point in exits):
        yield doubt(
            f"areas.{area.name}.exits",
            N_("Every exit of the area {name} leads into a door, where rules may refuse whoever leaves."),
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
            N_("Every entry of the area {name} leads out of a door, where rules only warn."),
            name=AreaName(area.name),
        )


def _outer_first(where: str, rules: Rules, within: bool) -> Iterator[Finding]:
    """`within`: the rules apply at an entry of an area within another."""
    setting = rules.get(RuleName.ANTI_PASSBACK)
    asks = isinstance(setting, AntiPassbackSetting) and setting.outer_first
    if setting is not None and setting.mode is not RuleMode.OFF and asks and not within:
        yield doubt(
            f"{where}.anti_passback.outer_first",
            N_(
                "Nobody enters an area that lies within another here, so outer_first does nothing; set it "
                "for the inner area."
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
                "No reader at the door {name} is known to have a keypad, so its PINs can be keyed in "
                "nowhere; use an OSDP reader with one."
            ),
            name=PlaceName(door.door),
        )
    if not people.pins:
        yield doubt(
            f"{where}.mode",
            N_("Nobody has a PIN yet, so nobody enters by the door {name} while it asks for one."),
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
        if setting.mode is not RuleMode.OFF:
            yield from _setting(f"{where}.{name.value}", setting, rules, book, people)


def _setting(
    here: str, setting: Setting, rules: Rules, book: RuleBook, people: Headcount
) -> Iterator[Finding]:
    match setting:
        case SupervisorPresentSetting() if not people.of(_supervisors(book)):
            report = _doubt_or_clash(setting, _supervisors(book))
            yield report(
                here, N_("Nobody is a supervisor, so none of the categories named could ever enter.")
            )
        case FirstPersonInSetting(categories=names) if not people.of(names):
            yield doubt(
                here,
                N_("Nobody is of the categories that come in first ({names}), so nobody could ever enter."),
                names=NameList(map(CategoryName, names)),
            )
        case EscortSetting(escorts=names) if not people.of(names):
            yield doubt(
                here,
                N_("Nobody is of the categories that escort ({names}), so whoever needs one never enters."),
                names=NameList(map(CategoryName, names)),
            )
        case QualificationsSetting(required=names):
            for name in names:
                if not people.qualified.get(name):
                    yield doubt(
                        here,
                        N_("Nobody holds the qualification {name}, so nobody could enter."),
                        name=QualificationName(name),
                    )
        case StaffMixSetting():
            yield from _staff_mix(here, setting, rules.get(RuleName.OCCUPANCY), book, people)


def _staff_mix(
    here: str, mix: StaffMixSetting, occupancy: Setting | None, book: RuleBook, people: Headcount
) -> Iterator[Finding]:
    supervisors, regular = people.of(_supervisors(book)), people.of(_regular(book))
    bound = occupancy if isinstance(occupancy, OccupancySetting) else None
    most = bound.most if bound is not None and bound.mode is not RuleMode.OFF else 0
    if mix.people_per_supervisor and not supervisors:
        yield _doubt_or_clash(mix, _supervisors(book))(
            f"{here}.people_per_supervisor",
            N_("Nobody is a supervisor, so this staff mix could never be met and nobody could enter."),
        )
    elif mix.people_per_supervisor and supervisors * mix.people_per_supervisor < min(
        most or people.people, people.people
    ):
        yield doubt(
            f"{here}.people_per_supervisor",
            N_("All supervisors together ({supervisors}) allow {people} people inside at most."),
            supervisors=supervisors,
            people=supervisors * mix.people_per_supervisor,
        )
    if mix.regular_least > regular:
        yield _doubt_or_clash(mix, _regular(book))(
            f"{here}.regular_least",
            N_("The mix asks for {least} regular staff and the house has {count}, so it could never be met."),
            least=mix.regular_least,
            count=regular,
        )
    elif mix.regular_percent and not regular:
        yield _doubt_or_clash(mix, _regular(book))(
            f"{here}.regular_percent",
            N_("Nobody is regular staff, so this staff mix could never be met and nobody could enter."),
        )
    if bound is not None and 0 < most < mix.regular_least:
        yield _doubt_or_clash(mix, enforced=bound.mode is RuleMode.ENFORCE)(
            f"{here}.regular_least",
            N_("The mix asks for {least} regular staff, but {most} people at most may be inside."),
            least=mix.regular_least,
            most=most,
        )


def _doubt_or_clash(
    setting: Setting, met_by: tuple[str, ...] = (), enforced: bool = True
) -> Callable[..., Finding]:
    """Choose `doubt` or `clash`. `met_by`: the categories whose people could meet it; empty: nobody can."""
    return doubt if met_by or not enforced or setting.mode is not RuleMode.ENFORCE else clash


def _supervisors(book: RuleBook) -> tuple[str, ...]:
    return tuple(one.name for one in book.categories.values() if one.supervisor)


def _regular(book: RuleBook) -> tuple[str, ...]:
    return tuple(one.name for one in book.categories.values() if one.regular)

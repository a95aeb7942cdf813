"""Problems of one rule's setting by itself: unknown names, and values without sense."""

from collections.abc import Iterator
from typing import Any

from controller.config import Config
from controller.errors import N_
from controller.model.rule_book import (
    AntiPassbackSetting,
    AssuranceSetting,
    DualAccessSetting,
    EscortSetting,
    InterlockSetting,
    OccupancySetting,
    PrerequisiteSetting,
    QualificationsSetting,
    RuleBook,
    RuleMode,
    Rules,
    StaffMixSetting,
)
from controller.services.finding_names import CategoryName, NameList
from controller.services.rule_findings import Finding, finding, no_access_point, no_door

LONGEST_WAIT = 600  # seconds between two people who go together
MINUTES_A_DAY = 24 * 60


def unknown_categories(where: str, names: tuple[str, ...], book: RuleBook) -> Iterator[Finding]:
    for name in names:
        if name not in book.categories:
            yield finding(where, N_("There is no category {name}; add it, or take it out."), name)


def setting_problems(where: str, rules: Rules, book: RuleBook, config: Config) -> Iterator[Finding]:
    for name, setting in rules.items():
        here = f"{where}.{name.value}"
        for field in ("categories", "escorts"):
            names = getattr(setting, field, None)
            if names is None:
                continue
            yield from unknown_categories(f"{here}.{field}", names, book)
            if not names and setting.mode is not RuleMode.OFF:
                yield finding(
                    f"{here}.{field}", N_("No category is named, so the rule would do nothing; name one.")
                )
        yield from _named(here, setting, book, config)
        if setting.mode is not RuleMode.OFF:
            yield from _senseless(here, setting)


def _named(here: str, setting: Any, book: RuleBook, config: Config) -> Iterator[Finding]:
    match setting:
        case QualificationsSetting(required=names):
            for name in names:
                if name not in book.qualifications:
                    yield finding(
                        f"{here}.required",
                        N_("There is no qualification {name}; add it, or take it out."),
                        name,
                    )
        case PrerequisiteSetting(access_point=point) if point not in config.access_points:
            yield no_access_point(f"{here}.access_point", point)
        case InterlockSetting(doors=doors):
            for name in doors:
                if name not in config.doors:
                    yield no_door(f"{here}.doors", name)


def _senseless(here: str, setting: Any) -> Iterator[Finding]:
    match setting:
        case AssuranceSetting(least=least) if not 1 <= least <= 3:
            yield finding(f"{here}.least", N_("The least proof is 1, 2 or 3; 0 is what any card gives."))
        case QualificationsSetting(required=()):
            yield finding(
                f"{here}.required", N_("No qualification is named, so the rule would do nothing; name one.")
            )
        case AntiPassbackSetting(area=False, minutes=0, outer_first=False):
            yield finding(here, N_("Neither area nor minutes is set, so the rule would do nothing; set one."))
        case AntiPassbackSetting(minutes=minutes) if minutes > MINUTES_A_DAY:
            yield finding(
                f"{here}.minutes",
                N_("At most {most} minutes, which is a day; write fewer."),
                most=MINUTES_A_DAY,
            )
        case EscortSetting(seconds=seconds) if seconds > LONGEST_WAIT:
            yield finding(
                f"{here}.seconds",
                N_("The time must be 0 to {most} seconds; 0 asks only that an escort is inside. Correct it."),
                most=LONGEST_WAIT,
            )
        case DualAccessSetting() if not 1 <= setting.seconds <= LONGEST_WAIT:
            yield finding(
                f"{here}.seconds", N_("The time must be 1 to {most} seconds; correct it."), most=LONGEST_WAIT
            )
        case EscortSetting(categories=led, escorts=escorts) if {*led} & {*escorts}:
            yield finding(
                f"{here}.escorts",
                N_("{name} would need an escort and be one; keep it in one of the two lists."),
                NameList(map(CategoryName, sorted({*led} & {*escorts}))),
            )
        case StaffMixSetting(people_per_supervisor=0, regular_percent=0, regular_least=0):
            yield finding(here, N_("No bound is set, so the rule would do nothing; set one."))
        case StaffMixSetting(regular_percent=percent) if percent > 100:
            yield finding(f"{here}.regular_percent", N_("A share is 0 to 100 percent; correct it."))
        case OccupancySetting(most=0, least=0):
            yield finding(here, N_("No bound is set, so the rule would do nothing; set one."))
        case OccupancySetting(most=most, least=least) if 0 < most < least:
            yield finding(
                f"{here}.least",
                N_("At least {least} and at most {most} cannot both hold; correct one."),
                least=least,
                most=most,
            )
        case InterlockSetting(doors=()):
            yield finding(f"{here}.doors", N_("No door is named, so the rule would do nothing; name one."))

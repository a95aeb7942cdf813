"""One rule's setting by itself: what it names must be there, and it must say something that can be done."""

from collections.abc import Iterator

from controller.config import Config
from controller.errors import N_
from controller.model.rule_book import RuleBook, Rules
from controller.model.rules.setting import NameOf, Remark, RuleSetting, Weight
from controller.services.rules.findings import Finding, finding, no_access_point, no_door


def unknown_categories(where: str, names: tuple[str, ...], book: RuleBook) -> Iterator[Finding]:
    for name in names:
        if name not in book.categories:
            yield finding(where, N_("There is no category {name}; add it, or remove it from the rule."), name)


def setting_problems(where: str, rules: Rules, book: RuleBook, config: Config) -> Iterator[Finding]:
    for name, setting in rules.items():
        here = f"{where}.{name.value}"
        yield from _categories(here, setting, book)
        yield from _unknown_names(here, setting, book, config)
        if not setting.is_off:
            for remark in setting.problems():
                yield finding_of(here, remark)


def finding_of(here: str, remark: Remark) -> Finding:
    """`here` is the path of the rule in the file."""
    return Finding(
        f"{here}.{remark.part}" if remark.part else here,
        remark.key,
        remark.values,
        is_warning=remark.weight is not Weight.PROBLEM,
        holds_up=remark.weight is Weight.CLASH,
    )


def _categories(here: str, setting: RuleSetting, book: RuleBook) -> Iterator[Finding]:
    for field in setting.fields_naming(NameOf.CATEGORY):
        names = getattr(setting, field)
        yield from unknown_categories(f"{here}.{field}", names, book)
        if not names and not setting.is_off:
            yield finding(f"{here}.{field}", N_("The rule names no category, so it has no effect; name one."))


def _unknown_names(here: str, setting: RuleSetting, book: RuleBook, config: Config) -> Iterator[Finding]:
    for field in setting.fields_naming(NameOf.QUALIFICATION):
        for name in getattr(setting, field):
            if name not in book.qualifications:
                key = N_("There is no qualification {name}; add it, or remove it from the rule.")
                yield finding(f"{here}.{field}", key, name)
    for field in setting.fields_naming(NameOf.ACCESS_POINT):
        if (point := getattr(setting, field)) not in config.access_points:
            yield no_access_point(f"{here}.{field}", point)
    for field in setting.fields_naming(NameOf.DOOR):
        for name in getattr(setting, field):
            if name not in config.doors:
                yield no_door(f"{here}.{field}", name)

"""Values to try in the fields of a rule's setting, by type, so that a new rule needs no list of its own."""

import dataclasses
from collections.abc import Iterator
from enum import StrEnum
from itertools import product
from typing import Any

from controller.model.rules.setting import NameOf, RuleMode, RuleSetting

NUMBERS = (0, 1, 2, 5, 30)
NAMES = {
    NameOf.CATEGORY: ("sv", "regular", "agency", "visitor"),
    NameOf.QUALIFICATION: ("nda",),
    NameOf.DOOR: ("archive", "garden"),
    NameOf.ACCESS_POINT: ("locker", "gate"),
}


def settable(kind: type[RuleSetting]) -> tuple["dataclasses.Field[Any]", ...]:
    """The fields of a rule without its mode, which every rule has."""
    return tuple(one for one in dataclasses.fields(kind) if one.name != "mode")


def candidates(field: "dataclasses.Field[Any]") -> tuple[Any, ...]:
    if (named := field.metadata.get("names")) is not None:
        return NAMES[named] if field.type is str else ((), *((name,) for name in NAMES[named]))
    if field.type is bool:
        return (False, True)
    if field.type is int:
        return NUMBERS
    if isinstance(field.type, type) and issubclass(field.type, StrEnum):
        return tuple(field.type)
    raise TypeError(f"{field.name}: add values to try for the type {field.type} to {__name__}")


def sample(kind: type[RuleSetting]) -> RuleSetting:
    """An enforced setting: the defaults, and in each required field the first value that is not empty."""
    required = {
        one.name: next(value for value in candidates(one) if value)
        for one in settable(kind)
        if one.default is dataclasses.MISSING
    }
    return kind(RuleMode.ENFORCE, **required)


def settings(kind: type[RuleSetting], without: str = "") -> Iterator[RuleSetting]:
    """Each combination of values to try, the field `without` aside, which keeps its first value."""
    fields = settable(kind)
    values = [candidates(one)[:1] if one.name == without else candidates(one) for one in fields]
    for chosen in product(*values):
        yield kind(RuleMode.ENFORCE, **dict(zip((one.name for one in fields), chosen, strict=True)))

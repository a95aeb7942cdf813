"""A rule book as plain tables of texts, numbers and lists, and back: the form in TOML and in the registry."""

import dataclasses
import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from controller.model.rule_book import (
    Area,
    Category,
    DoorRules,
    Holidays,
    Qualification,
    RuleBook,
    Rules,
    ScheduledMode,
)
from controller.model.rules.order import SETTINGS, RuleName

T = TypeVar("T")
Plain = dict[str, Any]
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_LONGEST = 100
_MOST = 100_000
_PARTS = ("categories", "qualifications", "areas", "doors", "holidays")


class NotARuleBook(ValueError):
    """`where` is the path of the table or key, such as `areas.floor.rules.staff_mix.mode`."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where, self.problem = where, problem


def to_plain(book: RuleBook) -> Plain:
    """Without the version, which belongs to the registry. Values equal to their defaults are written
    out too.
    """
    return {
        "categories": {name: _table(one, "name") for name, one in sorted(book.categories.items())},
        "qualifications": {name: _table(one, "name") for name, one in sorted(book.qualifications.items())},
        "areas": {name: _with_rules(one, "name") for name, one in sorted(book.areas.items())},
        "doors": {name: _with_rules(one, "door") for name, one in sorted(book.doors.items())},
        "holidays": {
            "country": book.holidays.country,
            "days": {day.isoformat(): type_ for day, type_ in sorted(book.holidays.days.items())},
        },
    }


def from_plain(plain: Any, version: int = 0) -> RuleBook:
    """Raise NotARuleBook for an unknown key, a value that is not allowed, or an invalid name."""
    tables = _keys("the rules", plain, _PARTS)
    return RuleBook(
        version=version,
        areas=_named("areas", tables, _area),
        doors=_named("doors", tables, _door),
        categories=_named(
            "categories", tables, lambda where, name, table: _build(where, Category, table, name=name)
        ),
        qualifications=_named(
            "qualifications",
            tables,
            lambda where, name, table: _build(where, Qualification, table, name=name),
        ),
        holidays=_holidays(tables.get("holidays", {})),
    )


def _table(value: Any, *without: str) -> Plain:
    return {
        field.name: _plain(getattr(value, field.name))
        for field in dataclasses.fields(value)
        if field.name not in without
    }


def _with_rules(value: Area | DoorRules, name: str) -> Plain:
    table = _table(value, name, "rules")
    if table.get("within") == "":
        del table["within"]  # the form of books from before areas could nest
    table["rules"] = {rule.value: _table(setting) for rule, setting in value.rules.items()}
    return table


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if dataclasses.is_dataclass(value):
        return _table(value)
    return value.value if isinstance(value, StrEnum) else value


def _keys(where: str, table: Any, allowed: tuple[str, ...]) -> Plain:
    if not isinstance(table, Mapping):
        raise NotARuleBook(where, "must be a table of keys.")
    for key in table:
        if key not in allowed:
            raise NotARuleBook(f"{where}.{key}", f"is not known; known here: {', '.join(allowed)}.")
    return dict(table)


def _named(part: str, tables: Plain, make: Callable[[str, str, Any], T]) -> Mapping[str, T]:
    found = tables.get(part, {})
    if not isinstance(found, Mapping):
        raise NotARuleBook(part, "must be a table of tables.")
    built: dict[str, T] = {}
    for name, table in found.items():
        where = f"{part}.{name}"
        if not _NAME.fullmatch(str(name)):
            raise NotARuleBook(where, "the name must be 1 to 32 of a-z, 0-9 and hyphens.")
        built[name] = make(where, name, table)
    return MappingProxyType(built)


def _area(where: str, name: str, table: Any) -> Area:
    rest, rules = _split(where, table)
    within = rest.pop("within", "")
    if within != "":
        _text(f"{where}.within", within)
    return _build(where, Area, rest, name=name, rules=rules, within=within)


def _door(where: str, name: str, table: Any) -> DoorRules:
    rest, rules = _split(where, table)
    scheduled = rest.pop("scheduled", [])
    if not isinstance(scheduled, list | tuple):
        raise NotARuleBook(f"{where}.scheduled", "must be a list of tables.")
    modes = tuple(
        _build(f"{where}.scheduled.{place}", ScheduledMode, one) for place, one in enumerate(scheduled, 1)
    )
    return _build(where, DoorRules, rest, door=name, rules=rules, scheduled=modes)


def _split(where: str, table: Any) -> tuple[Plain, Rules]:
    if not isinstance(table, Mapping):
        raise NotARuleBook(where, "must be a table of keys.")
    rest = dict(table)
    rules = _keys(f"{where}.rules", rest.pop("rules", {}), tuple(name.value for name in RuleName))
    built = {
        RuleName(name): _build(f"{where}.rules.{name}", SETTINGS[RuleName(name)], setting)
        for name, setting in rules.items()
    }
    return rest, MappingProxyType(built)


def _build(where: str, kind: Callable[..., T], table: Any, **fixed: Any) -> T:
    fields = {field.name: field for field in dataclasses.fields(kind) if field.name not in fixed}  # type: ignore[arg-type]
    values = _keys(where, table, tuple(fields))
    for name, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if name not in values and needed:
            raise NotARuleBook(f"{where}.{name}", "is missing.")
    return kind(
        **fixed, **{name: _value(f"{where}.{name}", fields[name].type, v) for name, v in values.items()}
    )


def _value(where: str, kind: Any, value: Any) -> Any:
    """`kind` is one of the few types that settings have."""
    if kind is bool:
        if isinstance(value, bool):
            return value
        raise NotARuleBook(where, f"{value!r} is not allowed; write true or false.")
    if kind is int:
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
            return value
        raise NotARuleBook(where, f"{value!r} is not allowed; write a whole number from 0 to {_MOST}.")
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        try:
            return kind(value)
        except ValueError:
            allowed = ", ".join(member.value for member in kind)
            raise NotARuleBook(where, f"{value!r} is not allowed; write one of: {allowed}.") from None
    if kind is str:
        return _text(where, value)
    if isinstance(value, list | tuple):  # tuple[str, ...]: a set, so that another order is not a change
        return tuple(sorted({_text(where, one) for one in value}))
    raise NotARuleBook(where, f"{value!r} is not allowed; write a list of texts.")


def _text(where: str, value: Any) -> str:
    if isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable():
        return value
    raise NotARuleBook(where, f"{value!r} is not allowed; write a text of 1 to {_LONGEST} characters.")


def _holidays(table: Any) -> Holidays:
    values = _keys("holidays", table, ("country", "days"))
    country, days = values.get("country", "JP"), values.get("days", {})
    if not isinstance(country, str) or not re.fullmatch(r"[A-Z]{2}|", country):
        raise NotARuleBook("holidays.country", f"{country!r} is not allowed; write two capitals, such as JP.")
    if not isinstance(days, Mapping):
        raise NotARuleBook("holidays.days", "must be a table of days.")
    built: dict[date, str] = {}
    for day, type_ in days.items():
        where = f"holidays.days.{day}"
        try:
            built[date.fromisoformat(str(day))] = type_
        except ValueError:
            raise NotARuleBook(where, "is not a date; enter it as 2027-05-01.") from None
        if not isinstance(type_, str) or not _NAME.fullmatch(type_):
            raise NotARuleBook(where, "the day type must be 1 to 32 of a-z, 0-9 and hyphens.")
    return Holidays(country, MappingProxyType(built))

"""The rules of a site as one value: areas, the rules of each area and door, and the words for people.

A book is published whole, as a version; the door uses the newest one, and each record of an access names the
version that decided it. Names are 1 to 32 of a-z, 0-9 and hyphens; people read the labels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleSetting

Rules = Mapping[RuleName, RuleSetting]
_NONE: Rules = MappingProxyType({})


def _empty() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Category:
    """A person's kind on this site: regular, temporary, agency, visitor, SV … in the customer's words."""

    name: str
    label_en: str
    label_ja: str
    supervisor: bool = False
    regular: bool = False


@dataclass(frozen=True)
class Qualification:
    """What a person must have to be fit to enter; the holder is warned `warn_days` before it expires."""

    name: str
    label_en: str
    label_ja: str
    warn_days: int = 30


@dataclass(frozen=True)
class Area:
    """`entries` lead into it and `exits` out of it; an access point is in at most one of each. `within` names
    the area around it: a person inside is inside that one too, and leaves into it.
    """

    name: str
    label_en: str
    label_ja: str
    entries: tuple[str, ...]
    exits: tuple[str, ...]
    rules: Rules = field(default_factory=_empty)
    within: str = ""


class DoorMode(StrEnum):
    """What a door does for a person who comes from outside; leaving is free in each."""

    LOCKED = "locked"  # only for people who may override it
    UNLOCKED = "unlocked"  # released, no badge needed
    CARD = "card"
    CARD_PIN = "card_pin"
    BLOCKED = "blocked"  # for nobody at all


@dataclass(frozen=True)
class ScheduledMode:
    """Applies while `schedule` (its name) is open. `first_person`: an unlocked door waits until one of these
    categories has entered; empty: it does not wait.
    """

    schedule: str
    mode: DoorMode
    first_person: tuple[str, ...] = ()


@dataclass(frozen=True)
class DoorRules:
    """The first of `scheduled` whose schedule is open gives the mode, else `mode`. `rules` replace those of
    the area with the same name.
    """

    door: str
    mode: DoorMode = DoorMode.CARD
    scheduled: tuple[ScheduledMode, ...] = ()
    rules: Rules = field(default_factory=_empty)


@dataclass(frozen=True)
class Holidays:
    """`country` is a code of ISO 3166-1 or empty; `days` are the customer's own days, each with its day type:
    "holiday", a special day's name, or "workday" for a public holiday on which people work.
    """

    country: str = "JP"
    days: Mapping[date, str] = field(default_factory=_empty)


@dataclass(frozen=True)
class RuleBook:
    """`version` is 0 for the empty book of a site that has published none."""

    version: int = 0
    areas: Mapping[str, Area] = field(default_factory=_empty)
    doors: Mapping[str, DoorRules] = field(default_factory=_empty)
    categories: Mapping[str, Category] = field(default_factory=_empty)
    qualifications: Mapping[str, Qualification] = field(default_factory=_empty)
    holidays: Holidays = field(default_factory=Holidays)

    @cached_property
    def _entered(self) -> Mapping[str, Area]:
        return {point: area for area in self.areas.values() for point in area.entries}

    @cached_property
    def _left(self) -> Mapping[str, Area]:
        return {point: area for area in self.areas.values() for point in area.exits}

    @cached_property
    def supervisors(self) -> frozenset[str]:
        """The categories whose people are supervisors."""
        return frozenset(one.name for one in self.categories.values() if one.supervisor)

    @cached_property
    def regulars(self) -> frozenset[str]:
        return frozenset(one.name for one in self.categories.values() if one.regular)

    def area_entered(self, access_point: str) -> Area | None:
        return self._entered.get(access_point)

    def area_left(self, access_point: str) -> Area | None:
        return self._left.get(access_point)

    def around(self, area: str) -> tuple[str, ...]:
        """The areas around it, the nearest first."""
        found = [area]
        while (outer := self.areas.get(found[-1])) is not None and outer.within and outer.within not in found:
            found.append(outer.within)
        return tuple(found[1:])

    def areas_entered(self, access_point: str) -> tuple[str, ...]:
        """The area entered here and those around it, the innermost first."""
        area = self.area_entered(access_point)
        return () if area is None else (area.name, *self.around(area.name))

    def passage_codes(self, access_point: str) -> dict[str, str]:
        """A record's codes for where the access point leads: presence is derived from them."""
        entered, left = self.area_entered(access_point), self.area_left(access_point)
        codes = {} if entered is None else {"area": entered.name}
        if left is not None:
            codes["left"] = left.name
        to = entered or left
        if to is not None and (around := self.around(to.name)):
            codes["within"] = ",".join(around)
        return codes

    def door(self, door: str) -> DoorRules:
        return self.doors.get(door) or DoorRules(door)

    def rules_at(self, door: str, access_point: str) -> Rules:
        """The rules of the entered area; a rule of the door itself replaces the area's rule of the same
        name.
        """
        area = self.area_entered(access_point)
        rules = self.doors.get(door)
        own = _NONE if rules is None else rules.rules
        if area is None or not area.rules:
            return own
        return {**area.rules, **own} if own else area.rules

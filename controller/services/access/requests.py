"""What operators may ask about access: levels and who holds them, schedules, the calendar."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from controller.model.access import Schedule, SpecialDay, TimeWindow
from controller.model.orders import ActionType
from controller.services.access import calendar, level_times, levels, schedules
from controller.services.access.levels import Level
from controller.services.acting import Acting
from controller.services.requests.request import Confirm, NameText, ReasonText, Ref, Request
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLevel(Request[Level]):
    """`rules` are pairs of access point and schedule."""

    right = Right.EDIT_ACCESS
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.LEVEL_ADDED})

    name: NameText
    rules: tuple[tuple[Ref, Ref], ...]

    def handle(self, acting: Acting) -> Level:
        return levels.add(acting, self.name, self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditLevel(Request[Level]):
    right = Right.EDIT_ACCESS
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.LEVEL_CHANGED})

    level_id: Ref
    name: NameText
    rules: tuple[tuple[Ref, Ref], ...]

    def handle(self, acting: Acting) -> Level:
        return levels.edit(acting, self.level_id, self.name, self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveLevel(Request[None]):
    right = Right.EDIT_ACCESS
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.LEVEL_REMOVED})

    level_id: Ref

    def handle(self, acting: Acting) -> None:
        levels.remove(acting, self.level_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLevel(Request[None]):
    """Gives a person a level, or changes the time for which the person holds it."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PERSON_CHANGED})

    person_id: Ref
    level: Ref
    start: datetime | None = None
    end: datetime | None = None

    def handle(self, acting: Acting) -> None:
        level_times.hold(acting, self.person_id, self.level, self.start, end=self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawLevel(Request[None]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PERSON_CHANGED})

    person_id: Ref
    level: Ref

    def handle(self, acting: Acting) -> None:
        level_times.withdraw(acting, self.person_id, self.level)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSchedule(Request[Schedule]):
    right = Right.EDIT_ACCESS
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.SCHEDULE_ADDED})

    name: NameText
    windows: tuple[TimeWindow, ...] = ()
    special: tuple[SpecialDay, ...] = ()

    def handle(self, acting: Acting) -> Schedule:
        return schedules.add(acting, self.name, self.windows, self.special)


@dataclass(frozen=True, slots=True, kw_only=True)
class EditSchedule(Request[Schedule]):
    right = Right.EDIT_ACCESS
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.SCHEDULE_CHANGED})

    schedule_id: Ref
    name: NameText
    windows: tuple[TimeWindow, ...] = ()
    special: tuple[SpecialDay, ...] = ()

    def handle(self, acting: Acting) -> Schedule:
        return schedules.edit(acting, self.schedule_id, self.name, self.windows, special=self.special)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSchedule(Request[None]):
    right = Right.EDIT_ACCESS
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.SCHEDULE_REMOVED})

    schedule_id: Ref

    def handle(self, acting: Acting) -> None:
        schedules.remove(acting, self.schedule_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCountry(Request[int]):
    """Returns the version of the rules, as the next two do."""

    right = Right.PUBLISH_RULES
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.RULES_PUBLISHED})

    country: NameText
    note: ReasonText = ""

    def handle(self, acting: Acting) -> int:
        return calendar.set_country(acting, self.country, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDay(Request[int]):
    right = Right.PUBLISH_RULES
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.RULES_PUBLISHED})

    day: date
    day_type: NameText
    note: ReasonText = ""

    def handle(self, acting: Acting) -> int:
        return calendar.set_day(acting, self.day, self.day_type, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveDay(Request[int]):
    right = Right.PUBLISH_RULES
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.RULES_PUBLISHED})

    day: date

    def handle(self, acting: Acting) -> int:
        return calendar.remove_day(acting, self.day)


ACCESS_REQUESTS: tuple[type[Request[Any]], ...] = (
    AddLevel,
    EditLevel,
    RemoveLevel,
    HoldLevel,
    WithdrawLevel,
    AddSchedule,
    EditSchedule,
    RemoveSchedule,
    SetCountry,
    SetDay,
    RemoveDay,
)

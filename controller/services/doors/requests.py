"""What operators may ask about doors: orders to the door, lockdowns, alarms."""

from dataclasses import dataclass
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.doors import alarms, lockdown, orders
from controller.services.requests.request import Confirm, ReasonText, Ref, Request
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockOnce(Request[int]):
    """Returns the order's id."""

    right = Right.UNLOCK_ONCE
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.UNLOCK_ORDERED})

    door: Ref
    reason: ReasonText
    despite_lockdown: bool = False

    def handle(self, acting: Acting) -> int:
        return orders.unlock_once(acting, self.door, self.reason, despite_lockdown=self.despite_lockdown)


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnBadge(Request[int]):
    """Returns the order's id."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.LEARN_ORDERED})

    reader: Ref

    def handle(self, acting: Acting) -> int:
        return orders.learn_badge(acting, self.reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInstallWindow(Request[int]):
    """Returns the order's id."""

    right = Right.INSTALL_READERS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.INSTALL_ORDERED})

    reader: Ref
    ready: bool

    def handle(self, acting: Acting) -> int:
        return orders.open_install(acting, self.reader, self.ready)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordInstall(Request[None]):
    right = Right.INSTALL_READERS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.INSTALL_ORDERED})
    needs_the_machine = True

    reader: Ref

    def handle(self, acting: Acting) -> None:
        orders.record_install(acting, self.reader)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginLockdown(Request[None]):
    """`area` is a name of the rules, or SITE."""

    right = Right.LOCK_DOWN
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.LOCKDOWN_BEGUN})

    area: Ref
    reason: ReasonText

    def handle(self, acting: Acting) -> None:
        lockdown.begin(acting, self.area, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndLockdown(Request[None]):
    """`area` as in BeginLockdown."""

    right = Right.LOCK_DOWN
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.LOCKDOWN_ENDED})

    area: Ref
    reason: ReasonText

    def handle(self, acting: Acting) -> None:
        lockdown.end(acting, self.area, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcknowledgeAlarm(Request[int]):
    """Returns how many alarms of the same kind and place are acknowledged with it."""

    right = Right.ACKNOWLEDGE_ALARMS
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.ALARM_ACKNOWLEDGED})

    alarm_seq: int
    note: ReasonText

    def handle(self, acting: Acting) -> int:
        return alarms.acknowledge(acting, self.alarm_seq, self.note)


DOOR_REQUESTS: tuple[type[Request[Any]], ...] = (
    UnlockOnce,
    LearnBadge,
    OpenInstallWindow,
    RecordInstall,
    BeginLockdown,
    EndLockdown,
    AcknowledgeAlarm,
)

"""What operators may ask about presence: corrections, forgiving, emptying an area."""

from dataclasses import dataclass
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.presence import presence
from controller.services.requests.request import Confirm, ReasonText, Ref, Request
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveMissedTap(Request[None]):
    """With `outside`, count the person out."""

    right = Right.CORRECT_PRESENCE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.PRESENCE_CORRECTED})

    seq: int
    outside: bool
    reason: ReasonText

    def handle(self, acting: Acting) -> None:
        presence.resolve(acting, self.seq, self.outside, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectPresence(Request[None]):
    """`area` is None for outside."""

    right = Right.CORRECT_PRESENCE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.PRESENCE_CORRECTED})

    person: Ref
    area: Ref | None
    reason: ReasonText

    def handle(self, acting: Acting) -> None:
        presence.correct(acting, self.person, self.area, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgivePerson(Request[None]):
    right = Right.CORRECT_PRESENCE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.FORGIVEN})

    person: Ref
    reason: ReasonText

    def handle(self, acting: Acting) -> None:
        presence.forgive(acting, self.person, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgiveArea(Request[int]):
    """Returns how many people."""

    right = Right.CORRECT_PRESENCE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.FORGIVEN})

    area: Ref
    reason: ReasonText

    def handle(self, acting: Acting) -> int:
        return presence.forgive_area(acting, self.area, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptyArea(Request[int]):
    """Returns how many people."""

    right = Right.CORRECT_PRESENCE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.AREA_EMPTIED})

    area: Ref
    reason: ReasonText

    def handle(self, acting: Acting) -> int:
        return presence.empty(acting, self.area, self.reason)


PRESENCE_REQUESTS: tuple[type[Request[Any]], ...] = (
    ResolveMissedTap,
    CorrectPresence,
    ForgivePerson,
    ForgiveArea,
    EmptyArea,
)

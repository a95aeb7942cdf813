"""What operators may ask about people and badges."""

from dataclasses import dataclass
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.people import badges, people
from controller.services.people.badge import Badge
from controller.services.people.people import Person
from controller.services.people.standing import Standing
from controller.services.requests.request import Confirm, NameText, ReasonText, Ref, Request
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPerson(Request[Person]):
    """`levels` are references of access levels."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PERSON_ADDED})

    name: NameText
    kana: NameText = ""
    levels: tuple[Ref, ...] = ()
    standing: Standing | None = None

    def handle(self, acting: Acting) -> Person:
        return people.add(acting, self.name, self.kana, self.levels, standing=self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendBadge(Request[Badge]):
    right = Right.BLOCK_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.BADGE_SUSPENDED})

    badge_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> Badge:
        return badges.suspend(acting, self.badge_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBadgeLost(Request[Badge]):
    right = Right.BLOCK_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.BADGE_LOST})

    badge_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> Badge:
        return badges.lost(acting, self.badge_id, self.reason)


PEOPLE_REQUESTS: tuple[type[Request[Any]], ...] = (AddPerson, SuspendBadge, ReportBadgeLost)

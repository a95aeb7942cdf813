"""What operators may ask about people and badges."""

from dataclasses import dataclass
from typing import Annotated, Any

from controller.model.orders import ActionType
from controller.model.plain_values import TextLimit
from controller.services.acting import Acting
from controller.services.erasures import ErasureStatus
from controller.services.people import badges, erasing, people
from controller.services.people.badge import Badge
from controller.services.people.card_key_requests import CARD_KEY_REQUESTS
from controller.services.people.erasing import PendingErasure
from controller.services.people.import_requests import IMPORT_REQUESTS
from controller.services.people.people import Person
from controller.services.people.pin_requests import PIN_REQUESTS
from controller.services.people.standing import Standing
from controller.services.requests.request import Confirm, NameText, ReasonText, Ref, Request
from controller.services.rights import Right
from controller.services.validity import Limit

_NumberText = Annotated[str, TextLimit(200)]  # a card number as typed


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
class EditPerson(Request[Person]):
    """Replaces all that is here, and the standing unless None."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PERSON_CHANGED})

    person_id: Ref
    name: NameText
    kana: NameText = ""
    levels: tuple[Ref, ...] = ()
    standing: Standing | None = None

    def handle(self, acting: Acting) -> Person:
        return people.edit(
            acting, self.person_id, self.name, self.kana, levels=self.levels, standing=self.standing
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStanding(Request[Person]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PERSON_CHANGED})

    person_id: Ref
    standing: Standing

    def handle(self, acting: Acting) -> Person:
        return people.set_standing(acting, self.person_id, self.standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspendPerson(Request[Person]):
    right = Right.BLOCK_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.PERSON_SUSPENDED})

    person_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> Person:
        return people.suspend(acting, self.person_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePerson(Request[Person]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PERSON_RESUMED})

    person_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> Person:
        return people.resume(acting, self.person_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestErasure(Request[PendingErasure]):
    """The registrar erases the person after `[people] erase_after`, unless it is cancelled."""

    right = Right.ERASE_PEOPLE
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.ERASURE_ASKED})

    person_id: Ref
    reason: ReasonText

    def handle(self, acting: Acting) -> PendingErasure:
        return erasing.request(acting, self.person_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelErasure(Request[None]):
    right = Right.ERASE_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.ERASURE_CANCELLED})

    person_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> None:
        erasing.cancel(acting, self.person_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowErasure(Request[ErasureStatus | None]):
    """Deletes what was kept until the door had erased the person from the log; returns the progress."""

    right = Right.VIEW_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset[ActionType]()
    answered_within_s = 60.0  # it rewrites the registry's file

    person_id: Ref

    def handle(self, acting: Acting) -> ErasureStatus | None:
        return people.erasure(acting, self.person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckBadgeNumber(Request[None]):
    """Refused where AddBadge would refuse the number, so that a form can name all its wrong fields."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset[ActionType]()

    number: _NumberText
    kind: NameText = ""
    bits: NameText = ""

    def handle(self, acting: Acting) -> None:
        badges.refuse_bad_number(acting, self.number, self.kind, self.bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBadge(Request[Badge]):
    """`number`, `kind` and `bits` as typed."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.BADGE_ADDED})

    person_id: Ref
    number: _NumberText
    first: Limit = None
    last: Limit = None
    kind: NameText = ""
    bits: NameText = ""

    def handle(self, acting: Acting) -> Badge:
        return badges.add(
            acting,
            self.person_id,
            self.number,
            first=self.first,
            last=self.last,
            kind=self.kind,
            bits=self.bits,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLearnedBadge(Request[Badge]):
    """The card that the door read for the operator's order."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.BADGE_ADDED})

    person_id: Ref
    order_id: int
    first: Limit = None
    last: Limit = None

    def handle(self, acting: Acting) -> Badge:
        return badges.add_learned(acting, self.person_id, self.order_id, first=self.first, last=self.last)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddBadgeForHolder(Request[Badge]):
    """`holder` and `level` are names; a person with a new name is added."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.BADGE_ADDED, ActionType.PERSON_ADDED, ActionType.PERSON_CHANGED})

    holder: NameText
    number: _NumberText
    level: NameText | None = None
    first: Limit = None
    last: Limit = None
    kind: NameText = ""
    bits: NameText = ""

    def handle(self, acting: Acting) -> Badge:
        return badges.add_for_holder(
            acting,
            self.holder,
            self.number,
            level=self.level,
            first=self.first,
            last=self.last,
            kind=self.kind,
            bits=self.bits,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EditBadge(Request[Badge]):
    """Replaces the validity."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.BADGE_CHANGED})

    badge_id: Ref
    first: Limit
    last: Limit

    def handle(self, acting: Acting) -> Badge:
        return badges.edit(acting, self.badge_id, self.first, self.last)


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
class ResumeBadge(Request[Badge]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.BADGE_RESUMED})

    badge_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> Badge:
        return badges.resume(acting, self.badge_id, self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportBadgeLost(Request[Badge]):
    right = Right.BLOCK_PEOPLE
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.BADGE_LOST})

    badge_id: Ref
    reason: ReasonText = ""

    def handle(self, acting: Acting) -> Badge:
        return badges.report_lost(acting, self.badge_id, self.reason)


PEOPLE_REQUESTS: tuple[type[Request[Any]], ...] = (
    AddPerson,
    EditPerson,
    SetStanding,
    SuspendPerson,
    ResumePerson,
    RequestErasure,
    CancelErasure,
    FollowErasure,
    CheckBadgeNumber,
    AddBadge,
    AddLearnedBadge,
    AddBadgeForHolder,
    EditBadge,
    SuspendBadge,
    ResumeBadge,
    ReportBadgeLost,
    *PIN_REQUESTS,
    *IMPORT_REQUESTS,
    *CARD_KEY_REQUESTS,
)

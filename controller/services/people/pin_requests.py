"""What operators may ask about people's PINs. No request shows a digit when it is printed."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from controller.model.orders import ActionType
from controller.model.plain_values import TextLimit
from controller.services.acting import Acting
from controller.services.people import pins
from controller.services.requests.request import Confirm, Ref, Request
from controller.services.rights import Right

_PinText = Annotated[str, TextLimit(100)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPin(Request[None]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PIN_SET})

    person_id: Ref
    pin: _PinText = field(repr=False)
    again: _PinText = field(repr=False)

    def handle(self, acting: Acting) -> None:
        pins.set_pin(acting, self.person_id, self.pin, self.again)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDuressPin(Request[None]):
    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PIN_SET})

    person_id: Ref
    duress: _PinText = field(repr=False)
    again: _PinText = field(repr=False)

    def handle(self, acting: Acting) -> None:
        pins.set_duress(acting, self.person_id, self.duress, self.again)


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratePin(Request[str]):
    """Returns the PIN, only this once."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PIN_SET})

    person_id: Ref

    def handle(self, acting: Acting) -> str:
        return pins.generate(acting, self.person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovePin(Request[None]):
    """Both of the person's PINs."""

    right = Right.EDIT_PEOPLE
    confirm = Confirm.RECENT
    actions = frozenset({ActionType.PIN_REMOVED})

    person_id: Ref

    def handle(self, acting: Acting) -> None:
        pins.remove(acting, self.person_id)


PIN_REQUESTS: tuple[type[Request[Any]], ...] = (SetPin, SetDuressPin, GeneratePin, RemovePin)

"""What operators may ask about accounts and their own sign-in."""

from dataclasses import dataclass
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.requests.request import Confirm, Request
from controller.services.rights import Right


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPassword(Request[None]):
    """The operator types the own password, so that requests of the next minutes need not ask for it."""

    right = Right.OWN_ACCOUNT
    confirm = Confirm.EACH_TIME
    actions = frozenset[ActionType]()

    def handle(self, acting: Acting) -> None:
        """The check before it is all there is to do."""


OPERATOR_REQUESTS: tuple[type[Request[Any]], ...] = (ConfirmPassword,)

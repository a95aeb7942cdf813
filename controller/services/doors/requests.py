"""What operators may ask about doors."""

from dataclasses import dataclass
from typing import Any

from controller.model.orders import ActionType
from controller.services.acting import Acting
from controller.services.doors import orders
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


DOOR_REQUESTS: tuple[type[Request[Any]], ...] = (UnlockOnce,)

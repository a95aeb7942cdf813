"""Orders to the door: unlock once, learn the next badge; and what became of them."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from controller.model.credentials import CredentialKind
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.reasons import OrderRefusal
from controller.services.house import House

UNLOCK_LIMIT = timedelta(seconds=5)
LEARN_LIMIT = timedelta(seconds=30)


class OrderState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"  # the limit passed and the door service has not said anything


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """`last_four` and `kind` are those of a learned card; `badge_id` is set when it is enrolled already."""

    order_id: int
    state: OrderState
    refusal: OrderRefusal | None = None
    last_four: str | None = None
    kind: CredentialKind | None = None
    badge_id: str | None = None


def unlock_once(house: House, operator: Operator, now: Moment, door: str, reason: str) -> int:
    """Returns the order's id. A reason is required. Refused at once when the door service is not running."""
    raise NotImplementedError


def learn_badge(house: House, operator: Operator, now: Moment, reader: str) -> int:
    """The next card at `reader` within 30 s is learned instead of let in; returns the order's id."""
    raise NotImplementedError


def outcome(house: House, operator: Operator, now: Moment, order_id: int) -> OrderOutcome:
    """Only the operator who asked may look (NotFound for others)."""
    raise NotImplementedError

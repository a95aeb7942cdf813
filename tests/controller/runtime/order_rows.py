"""Orders as rows, with the action that gave each: as the services write them, or forged."""

from controller.model.moment import Moment
from controller.model.operators import MACHINE, Operator
from controller.model.orders import ActionType, OrderType
from controller.registry import actions, orders
from controller.registry.database import Connection


def give_unlock(
    db: Connection, now: Moment, operator: Operator = MACHINE, limit_ms: int = 5000, with_action: bool = True
) -> int:
    order = orders.add_order(
        db, operator, now, OrderType.UNLOCK_ONCE, limit_ms, door="entrance", reason="parcel"
    )
    if with_action:
        after = {"order": order}
        actions.record(db, operator, now.utc, ActionType.UNLOCK_ORDERED, "door", "entrance", after=after)
    return order

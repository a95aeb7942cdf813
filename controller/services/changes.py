"""The page of changes: what operators did, with before and after."""

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import OperatorAction
from controller.registry import actions
from controller.services.house import House
from controller.services.rights import Right, require

__all__ = ["OperatorAction", "page"]


def page(
    house: House, operator: Operator, now: Moment, before: int | None = None, limit: int = 50
) -> tuple[OperatorAction, ...]:
    """Newest first, those before row `before`. Views of the log are in the log, not here."""
    require(operator, Right.VIEW_CHANGES)
    with house.registry.read() as db:
        return tuple(actions.actions_before(db, before, limit))

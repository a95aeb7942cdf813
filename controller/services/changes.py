"""The page of changes: what operators did, with before and after."""

from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import OperatorAction
from controller.services.house import House

__all__ = ["OperatorAction", "page"]


def page(
    house: House, operator: Operator, now: Moment, before: int | None = None, limit: int = 50
) -> tuple[OperatorAction, ...]:
    """Newest first, those before row `before`."""
    raise NotImplementedError

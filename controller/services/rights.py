"""Whether an operator may do something, by the table of `controller/model/rights.py`."""

from controller.errors import N_, NotPermitted
from controller.model.operators import Operator
from controller.model.rights import RIGHTS, Right

__all__ = ["RIGHTS", "Right", "may", "require"]


def may(operator: Operator, right: Right) -> bool:
    return right in RIGHTS[operator.role]


def require(operator: Operator, right: Right) -> None:
    if not may(operator, right):
        raise NotPermitted(
            N_("Your role ({role}) does not allow this; ask an administrator."), role=operator.role.value
        )

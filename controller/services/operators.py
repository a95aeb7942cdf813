"""Operators' accounts. The last administrator can be neither disabled nor given another role."""

from controller.model.moment import Moment
from controller.model.operators import Operator, OperatorRole
from controller.services.house import House


def all_operators(house: House, operator: Operator, now: Moment) -> tuple[Operator, ...]:
    """By name, the disabled ones too."""
    raise NotImplementedError


def get(house: House, operator: Operator, now: Moment, operator_id: str) -> Operator:
    raise NotImplementedError


def add(
    house: House,
    operator: Operator,
    now: Moment,
    name: str,
    display_name: str,
    role: OperatorRole,
    language: str,
    password: str,
) -> Operator:
    """`name` is typed at sign-in: 1 to 50 letters, digits, `.`, `-`, `_`, `@`; compared without case."""
    raise NotImplementedError


def edit(
    house: House,
    operator: Operator,
    now: Moment,
    operator_id: str,
    display_name: str,
    role: OperatorRole,
    language: str,
) -> Operator:
    raise NotImplementedError


def disable(house: House, operator: Operator, now: Moment, operator_id: str) -> Operator:
    """Their sessions are dead at once."""
    raise NotImplementedError


def enable(house: House, operator: Operator, now: Moment, operator_id: str) -> Operator:
    raise NotImplementedError


def set_password(house: House, operator: Operator, now: Moment, operator_id: str, password: str) -> None:
    """By an administrator; ends all the sessions of that operator and lifts a lock by failed sign-ins."""
    raise NotImplementedError


def change_own_password(
    house: House, operator: Operator, now: Moment, current: str, new: str, token: str
) -> None:
    """Ends all other sessions of this operator; `token` is the session to keep."""
    raise NotImplementedError


def set_language(house: House, operator: Operator, now: Moment, language: str) -> Operator:
    """The operator's own choice, kept."""
    raise NotImplementedError


def reset(house: House, operator: Operator, now: Moment, name: str) -> str:
    """For the command line: a new random password, returned once; enables the account, ends its sessions."""
    raise NotImplementedError

"""What administrators may ask about accounts, and each operator about the own one."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from controller.model.operators import Operator, OperatorRole
from controller.model.orders import ActionType
from controller.model.plain_values import TextLimit
from controller.services.acting import Acting
from controller.services.operators import operators, sign_in
from controller.services.operators.sign_in_requests import SIGN_IN_REQUESTS
from controller.services.requests.request import Confirm, NameText, Ref, Request
from controller.services.rights import Right

_Password = Annotated[str, TextLimit(500)]  # services/operators/passwords.py has the word on the length


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOperator(Request[Operator]):
    right = Right.EDIT_OPERATORS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.OPERATOR_ADDED})

    name: NameText
    display_name: NameText
    role: OperatorRole
    language: Ref
    password: _Password = field(repr=False)

    def handle(self, acting: Acting) -> Operator:
        return operators.add(
            acting, self.name, self.display_name, self.role, language=self.language, password=self.password
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EditOperator(Request[Operator]):
    right = Right.EDIT_OPERATORS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.OPERATOR_CHANGED})

    operator_id: Ref
    display_name: NameText
    role: OperatorRole
    language: Ref

    def handle(self, acting: Acting) -> Operator:
        return operators.edit(acting, self.operator_id, self.display_name, self.role, language=self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisableOperator(Request[Operator]):
    right = Right.EDIT_OPERATORS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.OPERATOR_DISABLED})

    operator_id: Ref

    def handle(self, acting: Acting) -> Operator:
        return operators.disable(acting, self.operator_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableOperator(Request[Operator]):
    right = Right.EDIT_OPERATORS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.OPERATOR_ENABLED})

    operator_id: Ref

    def handle(self, acting: Acting) -> Operator:
        return operators.enable(acting, self.operator_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOperatorPassword(Request[None]):
    """A new password of somebody else."""

    right = Right.EDIT_OPERATORS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.PASSWORD_SET})

    operator_id: Ref
    password: _Password = field(repr=False)

    def handle(self, acting: Acting) -> None:
        operators.set_password(acting, self.operator_id, self.password)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeOwnPassword(Request[None]):
    """The present password, in `current`, confirms it."""

    right = Right.OWN_ACCOUNT
    confirm = Confirm.EACH_TIME
    holds_password = True
    actions = frozenset({ActionType.PASSWORD_CHANGED})

    current: _Password = field(repr=False)
    new: _Password = field(repr=False)

    def handle(self, acting: Acting) -> None:
        operators.change_own_password(acting, self.current, self.new, acting.token)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLanguage(Request[Operator]):
    """Of the pages, for the operator's own account."""

    right = Right.OWN_ACCOUNT
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.OPERATOR_CHANGED})

    language: Ref

    def handle(self, acting: Acting) -> Operator:
        return operators.set_language(acting, self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetOperator(Request[str]):
    """Returns the new random password."""

    right = Right.EDIT_OPERATORS
    confirm = Confirm.EACH_TIME
    actions = frozenset({ActionType.OPERATOR_RESET})
    needs_the_machine = True

    name: NameText

    def handle(self, acting: Acting) -> str:
        return operators.reset(acting, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPassword(Request[None]):
    """The operator types the own password, so that requests of the next minutes need not ask for it."""

    right = Right.OWN_ACCOUNT
    confirm = Confirm.EACH_TIME
    actions = frozenset[ActionType]()

    def handle(self, acting: Acting) -> None:
        """The check before it is all there is to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOut(Request[None]):
    right = Right.OWN_ACCOUNT
    confirm = Confirm.NEVER
    actions = frozenset({ActionType.SIGNED_OUT})

    def handle(self, acting: Acting) -> None:
        sign_in.sign_out(acting, acting.token)


OPERATOR_REQUESTS: tuple[type[Request[Any]], ...] = (
    AddOperator,
    EditOperator,
    DisableOperator,
    EnableOperator,
    SetOperatorPassword,
    ChangeOwnPassword,
    SetLanguage,
    ResetOperator,
    ConfirmPassword,
    SignOut,
    *SIGN_IN_REQUESTS,
)

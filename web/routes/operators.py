"""Operators' accounts: for administrators."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, NotFound, OperatorError
from controller.model.operators import OperatorRole
from controller.services.field_errors import FieldErrors
from controller.services.operators import accounts, operators
from controller.services.operators.requests import (
    AddOperator,
    DisableOperator,
    EditOperator,
    EnableOperator,
    SetOperatorPassword,
)
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.words.codes import ROLES

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]
FIELDS = ("display_name", "name", "role", "language", "password")


@router.get("/operators")
def operators_page(request: Request, asker: Asker) -> Response:
    every = operators.all_operators(asker.acting)
    return show(request, "operators.html", operators=every)


@router.get("/operators/new")
def new_operator(request: Request, asker: Asker) -> Response:
    form = Form({"role": OperatorRole.VIEWER.value, "language": asker.words.language})
    return show(request, "operator_new.html", form=form, roles=ROLES)


@router.post("/operators/new")
def add_operator(
    request: Request,
    asker: Asker,
    name: Text = "",
    display_name: Text = "",
    role: Text = "",
    language: Text = "",
    password: Text = "",
) -> Response:
    typed = {"name": name, "display_name": display_name, "role": role, "language": language}
    form = Form(typed, fields=FIELDS)
    try:
        with FieldErrors() as fields:
            chosen = fields.check(_role, role)
            fields.check(
                operators.refuse_bad, asker.acting, name, display_name, language=language, password=password
            )
        asker.send(
            AddOperator(
                name=name, display_name=display_name, role=chosen, language=language, password=password
            )
        )
    except OperatorError as error:
        return show(request, "operator_new.html", form.refuse(error), form=form, roles=ROLES)
    return RedirectResponse("/operators?done=added", status_code=303)


@router.get("/operators/{operator_id}")
def operator_page(request: Request, asker: Asker, operator_id: str) -> Response:
    account = operators.get(asker.acting, operator_id)
    values = {"display_name": account.display_name, "role": account.role.value, "language": account.language}
    return show(request, "operator.html", form=Form(values), password=Form(), account=account, roles=ROLES)


@router.post("/operators/{operator_id}")
def edit_operator(
    request: Request,
    asker: Asker,
    operator_id: str,
    display_name: Text = "",
    role: Text = "",
    language: Text = "",
) -> Response:
    form = Form({"display_name": display_name, "role": role, "language": language}, fields=FIELDS)
    try:
        with FieldErrors() as fields:
            chosen = fields.check(_role, role)
            fields.check(accounts.refuse_bad, display_name, language)
        asker.send(
            EditOperator(operator_id=operator_id, display_name=display_name, role=chosen, language=language)
        )
    except NotFound:
        raise
    except OperatorError as error:
        return _refused(request, asker, operator_id, form, password=Form(), status=form.refuse(error))
    return RedirectResponse("/operators?done=saved", status_code=303)


@router.post("/operators/{operator_id}/password")
def set_password(request: Request, asker: Asker, operator_id: str, password: Text = "") -> Response:
    form = Form(fields=FIELDS)
    try:
        asker.send(SetOperatorPassword(operator_id=operator_id, password=password))
    except NotFound:
        raise
    except OperatorError as error:
        return _refused(request, asker, operator_id, form=None, password=form, status=form.refuse(error))
    return RedirectResponse("/operators?done=password", status_code=303)


@router.post("/operators/{operator_id}/disable")
def disable(request: Request, asker: Asker, operator_id: str) -> Response:
    asker.send(DisableOperator(operator_id=operator_id))
    return RedirectResponse("/operators?done=disabled", status_code=303)


@router.post("/operators/{operator_id}/enable")
def enable(asker: Asker, operator_id: str) -> Response:
    asker.send(EnableOperator(operator_id=operator_id))
    return RedirectResponse("/operators?done=enabled", status_code=303)


def _refused(
    request: Request, asker: Asker, operator_id: str, form: Form | None, password: Form, status: int
) -> Response:
    account = operators.get(asker.acting, operator_id)
    if form is None:
        form = Form(
            {"display_name": account.display_name, "role": account.role.value, "language": account.language}
        )
    return show(request, "operator.html", status, form=form, password=password, account=account, roles=ROLES)


def _role(text: str) -> OperatorRole:
    try:
        return OperatorRole(text)
    except ValueError:
        raise BadInput("role", N_("Choose one of the roles.")) from None

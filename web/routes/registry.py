"""The list of badges compared with the log, and accepting it where somebody put an older one back."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import OperatorError
from controller.services.backup import registry_comparison
from controller.services.backup.requests import AcceptRegistry
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.registry_differences import comparison_view
from web.words.unaccounted_rights import effect_at_doors

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]


@router.get("/registry")
def registry_page(request: Request, asker: Asker) -> Response:
    return _page(request, asker, Form())


@router.post("/registry/accept")
def accept(request: Request, asker: Asker, fingerprint: Text = "", reason: Text = "") -> Response:
    form = Form({"reason": reason}, fields=("reason",))
    try:
        asker.send(AcceptRegistry(fingerprint=fingerprint, reason=reason))
    except OperatorError as error:
        return _page(request, asker, form, form.refuse(error))
    return RedirectResponse("/registry?done=registry_accepted", status_code=303)


def _page(request: Request, asker: Visitor, form: Form, status: int = 200) -> Response:
    found = registry_comparison.compare(asker.acting)
    view = comparison_view(found, asker.words)
    effect = effect_at_doors(asker.words, asker.site.config.log, is_replaced=found.cause is not None)
    return show(request, "registry.html", status, found=found, view=view, effect=effect, form=form)

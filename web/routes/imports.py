"""Import of badges: a dry run reports every fault with its line; then all lines are imported, or none."""

from typing import Annotated

from fastapi import File
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, OperatorError
from controller.services.access import levels
from controller.services.people import imports
from controller.services.people.import_requests import CheckImport, DiscardImport, PublishImport
from controller.services.rules import books as rule_books
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.import_example import example_csv

router = guarded_router()


@router.get("/import")
def import_page(request: Request, asker: Asker) -> Response:
    return _page(request, asker, Form(), None)


@router.post("/import")
def check(request: Request, asker: Asker, file: Annotated[bytes, File()] = b"") -> Response:
    """The name of the file is the sender's and is not used for anything."""
    form = Form(fields=("file",))
    try:
        if not file:
            raise BadInput("file", N_("Choose a CSV file first; this one is empty."))
        report = asker.send(CheckImport(), file)
    except OperatorError as error:
        return _page(request, asker, form, report=None, status=form.refuse(error))
    return _page(request, asker, form, report, status=422 if report.problem_count else 200)


def _page(
    request: Request, asker: Visitor, form: Form, report: imports.ImportReport | None, status: int = 200
) -> Response:
    every = levels.all_levels(asker.acting)
    categories = rule_books.newest(asker.acting).categories
    level, category = next((one.name for one in every), ""), next(iter(categories.values()), None)
    example = example_csv(asker.words, level, category)
    return show(request, "import.html", status, form=form, report=report, example=example)


@router.post("/import/{import_id}/publish")
def publish(asker: Asker, import_id: str) -> Response:
    asker.send(PublishImport(import_id=import_id))
    return RedirectResponse("/people?done=imported", status_code=303)


@router.post("/import/{import_id}/discard")
def discard(asker: Asker, import_id: str) -> Response:
    asker.send(DiscardImport(import_id=import_id))
    return RedirectResponse("/import?done=discarded", status_code=303)

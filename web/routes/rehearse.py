"""Whose taps of the last 30 days the draft of the rules would have ended differently."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.services.rights import Right
from controller.services.rules import books as rule_books
from controller.services.rules import draft as rule_draft
from controller.services.rules import rehearse
from controller.services.rules.findings import RulesRefused
from web.frame.guard import Asker, guarded_router
from web.frame.rehearsal_job import Key, RehearsalJob, Running
from web.frame.render import show
from web.frame.visitor import Visitor
from web.rules.explained import ending

router = guarded_router()
PAGE = 100
PAGE_OF_THE_DRAFT = "/rules/draft"
Seq = Annotated[int, Query(ge=1, le=2**62)]


@router.get("/rules/rehearse")
def rehearse_page(request: Request, asker: Asker, before: Seq = 2**62) -> Response:
    """Changes below number `before`, newest first; or the progress of the rehearsal."""
    draft = rule_draft.get(asker.acting)
    if draft is None:
        return RedirectResponse("/rules", status_code=303)
    rehearse.require_rights(asker.operator)
    job: RehearsalJob = request.app.state.rehearsal
    try:
        found = job.get(
            _key(asker, draft),
            asker.operator,
            lambda: rehearse.prepare(asker.acting, draft.book),
        )
    except RulesRefused:  # the page of the draft shows why
        return RedirectResponse(PAGE_OF_THE_DRAFT, status_code=303)
    if isinstance(found, Running):
        return show(request, "rehearse_running.html", running=found, may_stop=_may_stop(asker, found))
    rehearse.viewed(asker.acting)  # also of a kept result
    rest = [change for change in found.changes if change.seq < before]
    return show(
        request,
        "rehearse.html",
        found=found,
        changes=rest[:PAGE],
        older=rest[PAGE - 1].seq if len(rest) > PAGE else None,
        is_first_page=before == 2**62,
        ending=lambda reason: ending(reason, asker.words),
    )


@router.get("/rules/rehearse/now")
def rehearse_now(request: Request, asker: Asker) -> Response:
    """The progress, for the page that waits. That page loads again when the rehearsal is done."""
    draft = rule_draft.get(asker.acting)
    job: RehearsalJob = request.app.state.rehearsal
    running = None if draft is None else job.running(_key(asker, draft))
    if running is None:
        return Response(headers={"HX-Refresh": "true"})
    return show(request, "parts/rehearse_now.html", running=running)


@router.post("/rules/rehearse/leave")
def leave(request: Request, asker: Asker) -> Response:
    """Refuse to stop another account's rehearsal without the right to publish rules."""
    job: RehearsalJob = request.app.state.rehearsal
    job.stop(asker.operator)
    return RedirectResponse(f"{PAGE_OF_THE_DRAFT}?done=rehearsal_left", status_code=303)


def _may_stop(asker: Visitor, running: Running) -> bool:
    return running.by.id == asker.operator.id or asker.may(Right.PUBLISH_RULES)


def _key(asker: Asker, draft: rule_draft.Draft) -> Key:
    return draft.mark, rule_books.newest(asker.acting).version

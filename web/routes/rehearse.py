"""Whose taps of the last 30 days the draft of the rules would have ended otherwise."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.services import rehearse, rule_books, rule_draft
from controller.services.rule_findings import RulesRefused
from web.explain_words import ending
from web.guard import Asker, guarded_router
from web.kept_rehearsal import KeptRehearsal
from web.render import show

router = guarded_router()
PAGE = 100
Seq = Annotated[int, Query(ge=1, le=2**62)]


@router.get("/rules/rehearse")
def rehearse_page(request: Request, asker: Asker, before: Seq = 2**62) -> Response:
    """Changes below number `before`, newest first."""
    draft = rule_draft.get(asker.house, asker.operator)
    if draft is None:
        return RedirectResponse("/rules", status_code=303)
    in_force = rule_books.newest(asker.house, asker.operator).version
    kept: KeptRehearsal = request.app.state.rehearsal

    def rehearsed() -> rehearse.Rehearsed:
        return rehearse.rehearse(asker.house, asker.operator, asker.now, draft.book)

    try:
        found = kept.get((draft.mark, in_force), asker.now.utc, rehearsed)
    except RulesRefused:  # the page of the draft says why
        return RedirectResponse("/rules/draft", status_code=303)
    rehearse.viewed(asker.house, asker.operator, asker.now)  # of one that was kept, too
    rest = [change for change in found.changes if change.seq < before]
    return show(
        request,
        "rehearse.html",
        found=found,
        changes=rest[:PAGE],
        older=rest[PAGE - 1].seq if len(rest) > PAGE else None,
        is_first_page=before == 2**62,
        ending=lambda reason: ending(reason, asker.language),
    )

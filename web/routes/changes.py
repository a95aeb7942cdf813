"""What operators did, with before and after."""

from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from controller.services import changes
from web.change_rows import change_row
from web.guard import Asker, guarded_router
from web.render import renderer, show

router = guarded_router()
PAGE = 50


@router.get("/changes")
def changes_page(
    request: Request, asker: Asker, before: Annotated[int | None, Query(ge=1, le=2**62)] = None
) -> Response:
    actions = changes.page(asker.house, asker.operator, asker.now, before=before, limit=PAGE + 1)
    draw = renderer(request)
    return show(
        request,
        "changes.html",
        rows=[change_row(action, asker.language, draw) for action in actions[:PAGE]],
        older=actions[PAGE - 1].id if len(actions) > PAGE else None,
        is_first_page=before is None,
    )

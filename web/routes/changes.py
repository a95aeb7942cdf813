"""What operators did, with before and after."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from starlette.requests import Request
from starlette.responses import Response

from controller.services.log import changes
from controller.services.people import people
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.log.person import chosen_person
from web.log.query import log_query
from web.words.change_rows import change_row

router = guarded_router()
PAGE = 50


@router.get("/changes")
def changes_page(
    request: Request,
    asker: Asker,
    person: str = "",
    name: str = "",
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """`name` is the typed text: show the changes of the person that it means, or none."""
    query, fitting = chosen_person(asker, log_query(person, door="", result="", day="", name=name))
    actions: Sequence[changes.OperatorAction] = ()
    if not query.admits_no_record:
        actions = changes.page(
            asker.acting,
            before=before,
            limit=PAGE + 1,
            person=query.person or None,
        )
    page = actions[:PAGE]
    names = changes.names(asker.acting, page)
    return show(
        request,
        "changes.html",
        query=query,
        fitting=fitting,
        person_name=people.identity_text(asker.acting, query.person) or query.person,
        rows=[change_row(action, asker.words, names) for action in page],
        older=actions[PAGE - 1].id if len(actions) > PAGE else None,
        is_first_page=before is None,
    )

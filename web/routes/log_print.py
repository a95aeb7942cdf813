"""The log for a printer: every row of the filter up to 5,000, with the filter, the page and who printed."""

from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response

from controller.errors import N_
from controller.services.log import entry_log
from controller.services.rights import Right, require
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.log.person import chosen_person, person_name
from web.log.query import RESULTS, LogQuery, log_query
from web.words.log_rows import log_row

router = guarded_router()
MOST = 5000


@router.get("/log/print")
def print_page(
    request: Request,
    asker: Asker,
    person: str = "",
    name: str = "",
    door: str = "",
    result: str = "",
    day: str = "",
) -> Response:
    """Each call is recorded as an export: paper leaves the site like a file."""
    query, fitting = chosen_person(asker, log_query(person, door, result, day, name=name))
    if query.shows_no_row:
        require(asker.operator, Right.EXPORT_LOG)
        return show(request, "log_print.html", query=query, fitting=fitting)
    zone: ZoneInfo = asker.site.config.site.time_zone
    printed = entry_log.print_out(asker.acting, query.filter(zone), request.app.state.print_most)
    true_times = entry_log.true_times(asker.acting, printed.entries)
    rows = [log_row(entry, asker.words, true_times.get(entry.seq)) for entry in printed.entries]
    return show(
        request,
        "log_print.html",
        query=query,
        fitting=fitting,
        chosen=_chosen(asker, query, [row.who for row in rows]),
        rows=rows,
        omitted=printed.omitted,
        now=asker.now.utc,
    )


def _chosen(asker: Visitor, query: LogQuery, in_rows: list[str]) -> list[str]:
    """The filter in words."""
    words = asker.words
    chosen = [words.translate(RESULTS[query.result][0])]
    chosen.append(words.place(query.door) if query.door else words.translate(N_("All doors")))
    who = person_name(asker, query, in_rows) or query.name
    chosen.append(who or words.translate(N_("Everybody")))
    day = query.chosen_day
    chosen.append(words.long_day(day) if day else words.translate(N_("All days")))
    return chosen

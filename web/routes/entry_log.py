"""The entry log: the page after sign-in, live by server-sent events."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Depends, Query
from fastapi.sse import EventSourceResponse, ServerSentEvent
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from controller.errors import SessionEnded
from controller.services.doors import now as doors
from controller.services.log import entry_log
from controller.services.log import proof as log_proof
from controller.services.rights import Right
from web.frame.guard import Asker, guarded_router
from web.frame.live import LiveLog, Watcher
from web.frame.render import show
from web.frame.visitor import Visitor
from web.log.person import chosen_person, person_name
from web.log.query import RESULTS, LogQuery, log_query
from web.words.log_row_html import gap_html, row_html, row_labels
from web.words.log_rows import log_row
from web.words.log_silences import SilenceRow, silence_rows
from web.words.times import local_day

router = guarded_router()
PAGE = 100
CATCH_UP = 200  # rows that a page gets when it connects: the newest
SIGNED_OUT = ServerSentEvent(raw_data="signed out", event="over")
Seq = Annotated[int | None, Query(ge=1, le=2**62)]


@router.get("/log")
def log_page(
    request: Request,
    asker: Asker,
    person: str = "",
    name: str = "",
    door: str = "",
    result: str = "",
    day: str = "",
    before: Seq = None,
) -> Response:
    """`name` is what was typed; it leads to `person`, the reference, when it means one person."""
    query, fitting = chosen_person(asker, log_query(person, door, result, day, name=name))
    site = asker.site
    with site.journal.one_moment():
        newest = entry_log.newest_seq(asker.acting)
        entries = entry_log.page(asker.acting, query.filter(_zone(asker)), before=before, limit=PAGE + 1)
        page_entries = entries[:PAGE]
        true_times = entry_log.true_times(asker.acting, page_entries)
        silences = _silences(asker, query, page_entries)
        removed = log_proof.removed(asker.acting) if len(entries) <= PAGE else None
        state = doors.doors_status(asker.acting)
    today = local_day(asker.now.utc, _zone(asker))
    is_past = query.chosen_day is not None and query.chosen_day < today
    rows = [log_row(entry, asker.words, true_times.get(entry.seq)) for entry in page_entries]
    labels, explains = row_labels(asker.words), asker.may(Right.VIEW_PRESENCE)
    html = [row_html(row, labels, silences.get(row.seq), links_to_why=explains) for row in rows]
    return show(
        request,
        "log.html",
        query=query,
        results=RESULTS,
        doors=site.config.doors,
        fitting=fitting,
        today=today,
        is_live=before is None and not query.shows_no_row and not is_past,
        person_name=person_name(asker, query, [row.who for row in rows if row.person == query.person]),
        rows=Markup("".join(html)),  # noqa: S704 -- row_html escapes each text
        older=entries[PAGE - 1].seq if len(entries) > PAGE else None,
        newest=newest,
        removed=removed,
        is_first_page=before is None,
        state=state,
    )


def _zone(asker: Visitor) -> ZoneInfo:
    return asker.site.config.site.time_zone


def _silences(
    asker: Visitor, query: LogQuery, entries: Sequence[entry_log.LogEntry]
) -> dict[int, SilenceRow]:
    """Below the row whose number is the key; only where no record is left out between two rows."""
    if not query.leaves_nothing_out:
        return {}
    found = entry_log.silences(asker.acting, entries)
    return silence_rows(found, entries, asker.words)


async def _watching(request: Request, asker: Asker) -> AsyncIterator[Watcher]:
    """A dependency, because its end is certain: a generator cut off at a `yield` waits for the collector."""
    log: LiveLog = request.app.state.live
    with log.watch(asker.token or "", asker.address) as watcher:
        yield watcher


@router.get("/log/live", response_class=EventSourceResponse)
async def live(
    request: Request,
    asker: Asker,
    watcher: Annotated[Watcher, Depends(_watching)],
    person: str = "",
    door: str = "",
    result: str = "",
    day: str = "",
    name: str = "",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> AsyncIterator[ServerSentEvent]:
    """Rows as HTML, each with its number as the event's id, so that a lost connection resumes behind it.

    A page that missed more than CATCH_UP rows gets the newest, and below them a link to the others.
    """
    typed_query = log_query(person, door, result, day, name=name)
    query, _fitting = await run_in_threadpool(chosen_person, asker, typed_query)
    wanted = query.filter(_zone(asker))
    last = request.headers.get("last-event-id", "")
    seen = int(last) if last.isascii() and last.isdigit() and len(last) < 19 else after
    labels, explains = row_labels(asker.words), asker.may(Right.VIEW_PRESENCE)
    try:
        await run_in_threadpool(entry_log.watch, asker.acting, wanted)
    except SessionEnded:  # since the guard found it alive
        yield SIGNED_OUT
        return
    yield ServerSentEvent(comment="watching", retry=1000)
    missed = await run_in_threadpool(entry_log.newest_after, asker.acting, wanted, seen, CATCH_UP + 1)
    first_seq = None
    if len(missed) > CATCH_UP:
        seen, first_seq = missed[0].seq, missed[1].seq
    while not watcher.ended:
        entries = await run_in_threadpool(entry_log.after, asker.acting, wanted, seen, CATCH_UP)
        silences = await run_in_threadpool(_silences, asker, query, entries)
        for entry in entries:
            seen = entry.seq
            row = log_row(entry, asker.words)
            html = row_html(row, labels, silences.get(seen), links_to_why=explains)
            if seen == first_seq:
                html += gap_html(seen, query.address("/log", before=seen), labels)
            yield ServerSentEvent(raw_data=html, event="row", id=str(seen))
        if len(entries) < CATCH_UP:
            await watcher.wait()
    if watcher.signed_out:
        yield SIGNED_OUT

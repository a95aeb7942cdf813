"""CSV export of the filtered log: first the page that says how many rows, then the file."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from controller.services import entry_log
from web.export_words import export_headers, export_words
from web.guard import Asker, guarded_router
from web.log_query import RESULTS, log_query
from web.render import renderer, show
from web.times import local_day

router = guarded_router()
Text = Annotated[str, Field(max_length=200)]


@router.get("/log/export")
def export_page(
    request: Request, asker: Asker, person: str = "", door: str = "", result: str = "", day: str = ""
) -> Response:
    query = log_query(person, door, result, day)
    zone = asker.house.config.site.time_zone
    count = entry_log.count(asker.house, asker.operator, asker.now, query.filter(zone))
    return show(request, "export.html", query=query, results=RESULTS, count=count)


@router.post("/log/export")
def export_file(
    request: Request, asker: Asker, person: Text = "", door: Text = "", result: Text = "", day: Text = ""
) -> Response:
    """A POST, so that no other site and no prefetching browser starts or records one."""
    query = log_query(person, door, result, day)
    zone = asker.house.config.site.time_zone
    export = entry_log.export(
        asker.house,
        asker.operator,
        asker.now,
        query.filter(zone),
        export_headers(asker.language),
        export_words(asker.language, renderer(request)),
    )
    name = f"entry-log_{local_day(asker.now.utc, zone)}_{export.count}-rows.csv"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Genkan-Rows": str(export.count),
    }
    lines: Iterator[bytes] = export.lines
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)

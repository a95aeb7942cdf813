"""Export of the filtered log: the page with the number of rows, then the file, with a proof on request."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from controller.services.doors import now as doors
from controller.services.log import entry_log, proved_export
from controller.services.log import proof as log_proof
from controller.services.log.proved_export import ProvedExport
from controller.services.log.signing import NoProof, Signer
from controller.services.people.people import Fitting
from controller.services.rights import Right, require
from web.frame.guard import Asker, guarded_router
from web.frame.qr import qr_svg
from web.frame.render import show
from web.frame.visitor import Visitor
from web.frame.zip_stream import zipped
from web.log.person import chosen_person, person_name
from web.log.query import RESULTS, LogQuery, log_query
from web.words.export_names import attachment, days_text, export_stem
from web.words.export_words import export_headers, export_words
from web.words.how_to_verify import NO_PROOF_NAME, VERIFY_NAME, how_to_verify, no_proof
from web.words.times import local_day

router = guarded_router()
Text = Annotated[str, Field(max_length=200)]


@router.get("/log/export")
def export_page(
    request: Request,
    asker: Asker,
    person: str = "",
    door: str = "",
    result: str = "",
    day: str = "",
    name: str = "",
) -> Response:
    query, fitting = chosen_person(asker, log_query(person, door, result, day, name=name))
    if query.shows_no_row:
        return _nothing(request, asker, query, fitting)
    zone = asker.site.config.site.time_zone
    newest = log_proof.proof(asker.acting).newest
    return show(
        request,
        "export.html",
        query=query,
        fitting=fitting,
        person_name=person_name(asker, query, [""]),
        results=RESULTS,
        count=entry_log.count(asker.acting, query.filter(zone)),
        newest=newest,
        qr=qr_svg(newest.note) if newest else "",
        door_runs=doors.door_service_runs(asker.site.config.data),
    )


@router.post("/log/export")
def export_file(
    request: Request,
    asker: Asker,
    person: Text = "",
    door: Text = "",
    result: Text = "",
    day: Text = "",
    name: Text = "",
    proven: Text = "",
) -> Response:
    """A POST, so that no other site and no prefetching browser starts and records an export.

    `proven` is "csv" or "jsonl" for a zip with proof.
    """
    query, fitting = chosen_person(asker, log_query(person, door, result, day, name=name))
    if query.shows_no_row:
        return _nothing(request, asker, query, fitting, status=422)
    if proven in ("csv", "jsonl"):
        return _zip(request, asker, query, proven)
    filter = query.filter(asker.site.config.site.time_zone)
    headers, words = _table_words(asker)
    export = entry_log.export(asker.acting, filter, headers, words)
    name = f"{_stem(asker, query, export.count)}.csv"
    return _file(export.lines, "text/csv; charset=utf-8", name, export.count)


def _nothing(
    request: Request, asker: Visitor, query: LogQuery, fitting: Fitting, status: int = 200
) -> Response:
    """Answer without a file: the typed name matches nobody or several people, or the day is wrong."""
    require(asker.operator, Right.EXPORT_LOG)
    return show(
        request,
        "export.html",
        status,
        query=query,
        fitting=fitting,
        person_name=person_name(asker, query, [""]),
        results=RESULTS,
        count=0,
    )


def _table_words(asker: Visitor) -> tuple[tuple[str, ...], dict[str, str]]:
    """The headers of a table, and the word for each code."""
    return export_headers(asker.words), export_words(asker.words, asker.site.config)


def _zip(request: Request, asker: Visitor, query: LogQuery, kind: str) -> Response:
    zone, asking = asker.site.config.site.time_zone, Signer(request.app.state.patience)
    filter = query.filter(zone)
    if kind == "jsonl":
        export = proved_export.json_lines(asker.acting, filter, asking)
    else:
        headers, words = _table_words(asker)
        export = proved_export.table(asker.acting, filter, headers, words, signer=asking)
    stem = _stem(asker, query, export.count)
    pieces = zipped(_files(export, f"{stem}.{kind}", f"{stem}.zip"), asker.now.utc.astimezone(zone))
    return _file(pieces, "application/zip", f"{stem}.zip", export.count)


def _files(export: ProvedExport, data: str, zip: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield data, export.lines
    try:
        proof = export.proof()
    except NoProof:
        yield NO_PROOF_NAME, [no_proof(data)]
        return
    yield f"{data}.proof", proof.lines
    yield VERIFY_NAME, [how_to_verify(data, zip)]


def _file(pieces: Iterator[bytes], kind: str, name: str, rows: int) -> Response:
    headers = {"Content-Disposition": attachment(name), "Genkan-Rows": str(rows)}
    return StreamingResponse(pieces, media_type=kind, headers=headers)


def _stem(asker: Visitor, query: LogQuery, rows: int) -> str:
    config = asker.site.config
    door = query.door if query.door in config.doors else ""
    days = days_text(query.chosen_day, local_day(asker.now.utc, config.site.time_zone))
    return export_stem(config.site.name, door, query.person, days, rows=rows)

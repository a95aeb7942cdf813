"""Export of the filtered log: the page with the number of rows, then the file, with a proof on request."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from controller.services.doors import now as doors
from controller.services.log import export as log_export
from controller.services.log import proof as log_proof
from controller.services.log.export import LogExport, ProvedExport
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
from web.words.export_words import export_text
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
        count=log_export.count(asker.acting, query.filter(zone)),
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
    config = asker.site.config
    filter, text = query.filter(config.site.time_zone), export_text(asker.words, config)
    signer = Signer(request.app.state.patience)
    if proven == "jsonl":
        export: LogExport = log_export.proved_json_lines(asker.acting, filter, signer)
    elif proven == "csv":
        export = log_export.proved_csv(asker.acting, filter, text, signer)
    else:
        export = log_export.csv(asker.acting, filter, text)
    return _download(asker, query, export, proven)


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


def _download(asker: Visitor, query: LogQuery, export: LogExport, proven: str) -> Response:
    """A CSV file, or a zip of a file with its proof."""
    site = asker.site.config.site
    door = query.door if query.door in asker.site.config.doors else ""
    days = days_text(query.chosen_day, local_day(asker.now.utc, site.time_zone))
    stem = export_stem(site.name, door, query.person, days, rows=export.count)
    pieces, kind, name = export.lines, "text/csv; charset=utf-8", f"{stem}.csv"
    if isinstance(export, ProvedExport):
        kind, name = "application/zip", f"{stem}.zip"
        pieces = zipped(_files(export, f"{stem}.{proven}", name), asker.now.utc.astimezone(site.time_zone))
    headers = {"Content-Disposition": attachment(name), "Genkan-Rows": str(export.count)}
    return StreamingResponse(pieces, media_type=kind, headers=headers)


def _files(export: ProvedExport, data: str, zip: str) -> Iterator[tuple[str, Iterable[bytes]]]:
    yield data, export.lines
    try:
        proof = export.proof()
    except NoProof:
        yield NO_PROOF_NAME, [no_proof(data)]
        return
    yield f"{data}.proof", proof.lines
    yield VERIFY_NAME, [how_to_verify(data, zip)]

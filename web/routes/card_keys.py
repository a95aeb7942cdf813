"""What badges prove: the inventory, the import of the issuing station's file, taking a key away."""

from typing import Annotated

from fastapi import File
from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, GenkanError, OperatorError
from controller.services.people import card_keys
from controller.services.people.card_key_requests import (
    CheckCardKeys,
    DiscardCardKeys,
    ForgetCardKey,
    PublishCardKeys,
    TrustStation,
)
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor

router = guarded_router()
Text = Annotated[str, Field(max_length=5000)]
ROWS = 200  # a page


@router.get("/badge-keys")
def inventory_page(request: Request, asker: Asker, page: int = 1, only: str = "") -> Response:
    every = card_keys.inventory(asker.acting)
    unusable = [row for row in every if row.key_version is not None and not row.usable]
    doubtful = [row for row in every if row.chip_doubtful]
    rows = {"unusable": unusable, "old-chips": doubtful}.get(only, every)
    pages = max(1, -(-len(rows) // ROWS))
    page = min(max(page, 1), pages)
    return show(
        request,
        "card_keys.html",
        rows=rows[(page - 1) * ROWS : page * ROWS],
        proving=sum(row.usable for row in every),
        copyable=sum(row.by_number for row in every),
        unusable=unusable,
        doubtful=len(doubtful),
        only=only if len(rows) < len(every) else "",
        recordable=any(row.can_be_recorded for row in every),
        page=page,
        pages=pages,
        door_id=_door_id(asker),
        station_id=card_keys.trusted_station(asker.acting),
    )


@router.get("/badge-keys/door")
def door_key(asker: Asker) -> Response:
    """The public half, for the station; no secret."""
    public = card_keys.door_public_key(asker.acting)
    named = {"Content-Disposition": f'attachment; filename="genkan-door-{public.id}.txt"'}
    return Response(f"{public.text}\n", media_type="text/plain", headers=named)


@router.get("/badge-keys/import")
def import_page(request: Request, asker: Asker) -> Response:
    return show(request, "card_keys_import.html", form=Form(), report=None, door_id=_door_id(asker))


@router.post("/badge-keys/import")
def check(request: Request, asker: Asker, file: Annotated[bytes, File()] = b"") -> Response:
    """The name of the file is the sender's and is not used for anything."""
    form = Form(fields=("file",))
    door_id = _door_id(asker)
    try:
        if not file:
            raise BadInput("file", N_("Choose the station's file first; this one is empty."))
        report = asker.send(CheckCardKeys(), file)
    except OperatorError as error:
        status = form.refuse(error)
        return show(request, "card_keys_import.html", status, form=form, report=None, door_id=door_id)
    status = 422 if report.problem_count or report.nothing_fits or report.station else 200
    trusted = card_keys.trusted_station(asker.acting)
    return show(
        request, "card_keys_import.html", status, form=form, report=report, door_id=door_id, trusted=trusted
    )


@router.post("/badge-keys/station")
def trust(asker: Asker, station: Text = "") -> Response:
    asker.send(TrustStation(station=station))
    return RedirectResponse("/badge-keys/import?done=station_trusted", status_code=303)


@router.post("/badge-keys/import/{import_id}/publish")
def publish(asker: Asker, import_id: str) -> Response:
    asker.send(PublishCardKeys(import_id=import_id))
    return RedirectResponse("/badge-keys?done=keys_imported", status_code=303)


@router.post("/badge-keys/import/{import_id}/discard")
def discard(asker: Asker, import_id: str) -> Response:
    asker.send(DiscardCardKeys(import_id=import_id))
    return RedirectResponse("/badge-keys/import?done=discarded", status_code=303)


@router.post("/badges/{badge_id}/forget-key")
def forget(asker: Asker, badge_id: str, reason: Text = "") -> Response:
    asker.send(ForgetCardKey(badge_id=badge_id, reason=reason))
    return RedirectResponse(f"/badges/{badge_id}?done=key_forgotten", status_code=303)


def _door_id(asker: Visitor) -> str:
    """Empty where the door has no pair yet."""
    try:
        return card_keys.door_public_key(asker.acting).id
    except GenkanError:
        return ""

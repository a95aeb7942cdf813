"""Proof of the log: the newest checkpoint, the keys, how to verify at home; the monthly review."""

from datetime import date
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from controller.errors import N_, NotFound, OperatorError
from controller.services.access import level_times
from controller.services.log import proof as log_proof
from controller.services.log import signing as log_signing
from controller.services.rights import Right
from web.frame.guard import Asker, guarded_router
from web.frame.qr import qr_svg
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.months import month_bounds, months_back, parse_month, previous
from web.words.times import local_day

router = guarded_router()
VERIFIER = Path(__file__).parents[2] / "deploy" / "verify" / "genkan_verify.py"
KEYS_SHOWN = 40  # a key a day, and one for each boot: the page shows the newest


@router.get("/log/proof")
def proof_page(request: Request, asker: Asker) -> Response:
    return _page(request, asker)


def _page(
    request: Request, asker: Visitor, status: int = 200, problem: OperatorError | None = None
) -> Response:
    proof = log_proof.proof(asker.acting)
    return show(
        request,
        "log_proof.html",
        status,
        problem=problem,
        proof=proof,
        keys=proof.keys[:KEYS_SHOWN],
        qr=qr_svg(proof.newest.note) if proof.newest else "",
        months=_months(asker),
        last_month=previous(_this_month(asker)),
        keeping=asker.site.config.log,
        removed=log_proof.removed(asker.acting),
        now=asker.now.utc,
    )


@router.post("/log/proof/checkpoint")
def fresh_checkpoint(request: Request, asker: Asker) -> Response:
    """Wait for the door, a few seconds at most."""
    asking = log_signing.Signer(request.app.state.patience)
    fresh = log_signing.fresh_checkpoint(asker.acting, asking)
    if fresh.problem is not None:
        return _page(request, asker, 409, fresh.problem)
    return RedirectResponse("/log/proof?done=checkpoint", status_code=303)


@router.get("/log/proof/checkpoint")
def checkpoint_file(asker: Asker) -> Response:
    newest = log_proof.proof(asker.acting).newest
    if newest is None:
        raise NotFound(N_("There is no checkpoint yet; the door creates one every hour."))
    return _text_file(newest.note, f"checkpoint_{newest.size}.txt")


@router.get("/log/proof/key")
def first_key_file(asker: Asker) -> Response:
    first = log_proof.proof(asker.acting).first_key
    if first is None:
        raise NotFound(N_("This log has no signing key yet; the door creates one when it starts."))
    return _text_file(first.key + "\n", "genkan-first-key.txt")


@router.get("/log/proof/genkan_verify.py")
def verifier_file(asker: Asker) -> Response:
    if not VERIFIER.is_file():
        raise NotFound(N_("The verifier is not installed here; download it from Genkan's release page."))
    return FileResponse(VERIFIER, media_type="text/x-python; charset=utf-8", filename=VERIFIER.name)


@router.get("/log/proof/month")
def month_sheet(request: Request, asker: Asker, month: str = "") -> Response:
    """A sheet of A4 for the monthly review. An invalid month shows the last month."""
    first_day = parse_month(month)
    if first_day is None or not date(2000, 1, 1) <= first_day <= _this_month(asker):
        first_day = previous(_this_month(asker))
    start, end = month_bounds(first_day, asker.site.config.site.time_zone)
    figures = log_proof.month(asker.acting, first_day, start, end)
    qr = qr_svg(figures.sealed.note) if figures.sealed else ""
    removed = log_proof.removed(asker.acting)
    gone = removed is not None and first_day < removed.before
    late = None
    if asker.may(Right.VIEW_PEOPLE):
        late = len(level_times.overdue(asker.acting))
    return show(request, "log_month.html", figures=figures, qr=qr, gone=gone, now=asker.now.utc, late=late)


def _text_file(text: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type="text/plain; charset=utf-8", headers=headers)


def _this_month(asker: Visitor) -> date:
    return local_day(asker.now.utc, asker.site.config.site.time_zone).replace(day=1)


def _months(asker: Visitor) -> tuple[date, ...]:
    oldest = log_proof.first_moment(asker.acting)
    zone = asker.site.config.site.time_zone
    this = _this_month(asker)
    return months_back(this, min(local_day(oldest, zone) if oldest else this, this))

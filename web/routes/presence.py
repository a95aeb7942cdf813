"""Who is inside, the muster list, and the worklist of missed taps."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form as Field
from fastapi import Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import N_, BadInput, FieldConflict, NotFound, OperatorError
from controller.services.people import people
from controller.services.presence import presence
from controller.services.presence.requests import (
    CorrectPresence,
    EmptyArea,
    ForgiveArea,
    ForgivePerson,
    ResolveMissedTap,
)
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import part, show
from web.frame.visitor import Visitor
from web.words.codes import MISSED_AND_REFUSED

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]
_DONE = {"outside": "counted_out", "inside": "counted_in", "forgive": "forgiven"}
Seq = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/presence")
def presence_page(request: Request, asker: Asker) -> Response:
    return _page(request, asker, Form())


@router.get("/presence/now")
def presence_now(request: Request, asker: Asker) -> Response:
    return part(request, "parts/presence_now.html", roster=_roster(asker))


@router.post("/presence/correct")
def correct(
    request: Request,
    asker: Asker,
    who: Text = "",
    what: Text = "",
    reason: Text = "",
    name: Text = "",
    area: Text = "",
) -> Response:
    """`who` is `person:ID`, `area:NAME` for everybody in it, or empty; if empty, `name` is the person's name.
    `what` is outside, inside (with the area in `area`) or forgive.
    """
    sent = {"who": who, "what": what, "reason": reason, "name": name, "area": area}
    form = Form(sent, fields=("who", "name", "what", "area", "reason"))
    try:
        _apply_correction(asker, who=who or _named(asker, name), what=what, area=area, reason=reason)
    except OperatorError as error:
        return _page(request, asker, form, form.refuse(error))
    return RedirectResponse(f"/presence?done={_DONE[what]}", 303)


@router.get("/presence/muster")
def muster(request: Request, asker: Asker) -> Response:
    roster = presence.muster(asker.acting)
    return show(request, "presence_muster.html", roster=roster, now=asker.now.utc)


@router.get("/presence/missed")
def missed_page(request: Request, asker: Asker) -> Response:
    return _missed(request, asker, Form())


@router.post("/presence/missed/{seq}")
def resolve(request: Request, asker: Asker, seq: Seq, then: Text = "", reason: Text = "") -> Response:
    form = Form({"reason": reason}, fields=("reason",), ids={"reason": f"reason-{seq}"})
    try:
        asker.send(ResolveMissedTap(seq=seq, outside=then == "outside", reason=reason))
    except NotFound:
        raise  # no longer in the list, so there is no form for the error
    except OperatorError as error:
        return _missed(request, asker, form, status=form.refuse(error), refused=seq)
    return RedirectResponse("/presence/missed?done=missed_tap", status_code=303)


def _named(asker: Visitor, name: str) -> str:
    """Find a person by the whole name, for somebody who is outside according to the log."""
    if not name.strip():
        return ""
    found = people.named(asker.acting, name.strip())
    if not found:
        raise BadInput("name", N_("Nobody has this name or reading; enter it as the page “People” shows it."))
    if len(found) > 1:
        raise FieldConflict(
            "who",
            N_("{count} people have the name {name}; choose the right one in this list."),
            count=len(found),
            name=name.strip(),
        )
    return f"person:{found[0].id}"


def _apply_correction(asker: Visitor, who: str, what: str, area: str, reason: str) -> None:
    kind, _, name = who.partition(":")
    match kind, what:
        case "person", "outside":
            asker.send(CorrectPresence(person=name, area=None, reason=reason))
        case "person", "inside":
            if not area:
                raise BadInput("area", N_("Choose the area that the person is in."))
            asker.send(CorrectPresence(person=name, area=area, reason=reason))
        case "area", "inside":
            raise BadInput("who", N_("Choose one person; only people are counted in, one by one."))
        case "person", "forgive":
            asker.send(ForgivePerson(person=name, reason=reason))
        case "area", "outside":
            asker.send(EmptyArea(area=name, reason=reason))
        case "area", "forgive":
            asker.send(ForgiveArea(area=name, reason=reason))
        case "person" | "area", _:
            raise BadInput("what", N_("Choose the correction."))
        case _:
            raise BadInput("who", N_("Choose a person, or an area."))


def _roster(asker: Visitor) -> presence.Roster:
    return presence.roster(asker.acting)


def _page(request: Request, asker: Visitor, form: Form, status: int = 200) -> Response:
    days = presence.first_last(asker.acting)
    return show(
        request,
        "presence.html",
        status,
        roster=_roster(asker),
        days=days,
        form=form,
        namesakes=_namesakes(asker, form),
    )


def _namesakes(asker: Visitor, form: Form) -> Sequence[people.Person]:
    """The people who have the typed name or reading, where the form does not say which of them."""
    if not isinstance(form.error("who"), FieldConflict):
        return ()
    return people.named(asker.acting, form.value("name"))


def _missed(request: Request, asker: Visitor, form: Form, status: int = 200, refused: int = 0) -> Response:
    items = presence.missed(asker.acting)
    return show(
        request,
        "presence_missed.html",
        status,
        items=items[:MOST],
        tried=MISSED_AND_REFUSED,
        count=len(items),
        form=form,
        refused=refused,
    )


MOST = 200  # rows on one page; resolving one makes room for the next

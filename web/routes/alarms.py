"""Alarms somebody must act on, and acknowledging them with a note."""

from typing import Annotated

from fastapi import Form as Field
from fastapi import Path
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.errors import NotFound, OperatorError
from controller.services.doors import alarms
from controller.services.doors.requests import AcknowledgeAlarm
from web.frame.forms import Form
from web.frame.guard import Asker, guarded_router
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.alarm_cards import alarm_card, settled_row

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]
AlarmSeq = Annotated[int, Path(ge=1, le=2**62)]


@router.get("/alarms")
def alarms_page(request: Request, asker: Asker) -> Response:
    return _page(request, asker, Form())


@router.post("/alarms/{alarm_seq}/acknowledge")
def acknowledge(request: Request, asker: Asker, alarm_seq: AlarmSeq, note: Text = "") -> Response:
    form = Form({"note": note}, fields=("note",), ids={"note": f"note-{alarm_seq}"})
    try:
        asker.send(AcknowledgeAlarm(alarm_seq=alarm_seq, note=note))
    except NotFound:
        raise  # no alarm, no form of its own to put it beside
    except OperatorError as error:
        return _page(request, asker, form, status=form.refuse(error), refused=alarm_seq)
    return RedirectResponse("/alarms?done=acknowledged", status_code=303)


def _page(request: Request, asker: Visitor, form: Form, status: int = 200, refused: int = 0) -> Response:
    open_alarms = alarms.open_alarms(asker.acting)
    return show(
        request,
        "alarms.html",
        status,
        cards=[alarm_card(alarm, asker.words, asker.site.config.log) for alarm in open_alarms],
        settled=[settled_row(one, asker.words) for one in alarms.acknowledged(asker.acting)],
        form=form,
        refused=refused,
    )

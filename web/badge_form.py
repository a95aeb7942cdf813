"""The page that adds a badge: by tapping it, or by its number."""

from starlette.requests import Request
from starlette.responses import Response

from controller.services.people import people
from web.frame.forms import Form
from web.frame.render import show
from web.frame.visitor import Visitor
from web.words.language import translate
from web.words.words import BADGE_KINDS


def badge_form(request: Request, asker: Visitor, person_id: str, form: Form, status: int = 200) -> Response:
    return show(
        request,
        "badge_new.html",
        status,
        form=form,
        person=people.get(asker.acting, person_id),
        readers=asker.site.config.readers.values(),
        kinds=[(kind.value, translate(asker.language, key)) for kind, key in BADGE_KINDS.items()],
    )

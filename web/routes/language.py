"""The language switch on every page."""

from typing import Annotated

from fastapi import Form as Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.services.operators.requests import SetLanguage
from web.frame.cookies import LANGUAGE, Cookies
from web.frame.guard import Asker, guarded_router
from web.frame.navigation import safe_path
from web.words.language import LANGUAGES

router = guarded_router()
Text = Annotated[str, Field(max_length=2000)]


@router.post("/language")
def choose(request: Request, asker: Asker, language: Text = "", back: Text = "/") -> Response:
    """Kept in a cookie; for somebody signed in also as their own choice."""
    answer = RedirectResponse(safe_path(back), status_code=303)
    if language not in LANGUAGES:
        return answer
    if asker.signed_in is not None and asker.signed_in.language != language:
        asker.send(SetLanguage(language=language))
    cookies: Cookies = request.app.state.cookies
    cookies.write(answer, LANGUAGE, language)
    return answer

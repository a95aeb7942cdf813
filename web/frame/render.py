"""Templates, with one environment for each language, so that macros and pages use the same language."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from controller.config import Config
from controller.errors import GenkanError, OperatorError, SeveralRefused
from controller.model.operators import OperatorRole
from controller.services.doors import alarms as alarms_service
from controller.services.doors import lockdown
from controller.services.doors import now as doors
from controller.services.operators import passwords
from controller.services.rights import Right
from web.frame import compiled_templates
from web.frame.compiled_templates import CompiledTemplates
from web.frame.navigation import ALARMS, current, entries
from web.frame.roles import ROLES
from web.frame.template_gettext import template_gettext
from web.frame.visitor import Visitor
from web.words.alarm_banners import AlarmBanner, lockdown_alarm, strip_digest
from web.words.causes import KEY_CAUSES, SEAL_CAUSES, cause_text
from web.words.codes import DAY_TYPES, code_message_key
from web.words.door_alarms import door_alarms
from web.words.door_modes import mode_text
from web.words.import_findings import finding_text
from web.words.language import LANGUAGES, catalogue
from web.words.notices import NOTICES
from web.words.reader_problem_words import problem_text
from web.words.words import Words

_COMPILED = CompiledTemplates()


class Renderer:
    """Kept by the application; built once."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.environments = {
            language: self._environment(Words.of_site(config, language)) for language in LANGUAGES
        }

    def _environment(self, words: Words) -> Environment:
        environment = compiled_templates.environment(_COMPILED)
        environment.install_gettext_translations(catalogue(words.language), newstyle=True)  # type: ignore[attr-defined]
        gettext = template_gettext(words.language)
        environment.globals.update(
            gettext=gettext,
            _=gettext,
            language=words.language,
            languages=LANGUAGES,
            site=self.config.site,
            Right=Right,
            shortest_password=passwords.SHORTEST,
            translate=words.translate,
            translate_count=words.translate_count,
            join_list=words.join_list,
            word=words.member,
            label=words.label,
            place=words.place,
            clock=words.clock,
            moment=words.moment,
            minute=words.minute,
            day=words.day,
            long_day=words.long_day,
            month=words.month,
            age=words.age,
            day_type_text=lambda day_type: words.translate(DAY_TYPES.get(day_type) or day_type),
            error_text=lambda error: error_text(words, error),
            strip_digest=strip_digest,
            problem_text=lambda reader: problem_text(
                words, reader.problem or "", reader.problem_fields, reader.name
            ),
            finding_text=lambda one: finding_text(words, one.code, one.fields),
            mode_text=lambda mode, utc: mode_text(mode, utc, words),
            seal_cause=lambda code: cause_text(words, SEAL_CAUSES, code),
            key_cause=lambda code: cause_text(words, KEY_CAUSES, code),
        )
        return environment

    def html(self, words: Words, template: str, values: Mapping[str, Any]) -> str:
        return self.environments[words.language].get_template(template).render(values)


def error_text(words: Words, error: OperatorError) -> str:
    """Translate the codes among the fields; other fields stay unchanged."""
    if isinstance(error, SeveralRefused):
        return words.join_sentences([error_text(words, one) for one in error.errors])
    fields = dict(error.fields)
    if fields.get("role") is not None:
        fields["role"] = words.translate(code_message_key(OperatorRole, str(fields["role"])))
    return words.translate(error.key, **fields)


def renderer(request: Request) -> Renderer:
    kept: Renderer = request.app.state.renderer
    return kept


def show(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """The page `template` for this visitor, with what every page has: who, language, way back, notice."""
    visitor: Visitor = request.state.visitor
    notice = NOTICES.get(request.query_params.get("done", "")) if request.method == "GET" else None
    with visitor.site.journal.one_moment():
        shown_alarms, unacknowledged = alarms(request), open_alarms(visitor)
    frame = {
        "me": visitor.signed_in,
        "may": visitor.may,
        "here": _here(request),
        "path": request.scope["path"],
        "nav": entries(visitor),
        "nav_here": current(request.scope["path"]),
        "notice": notice,
        "alarms": shown_alarms,
        "counts": {ALARMS: unacknowledged},
    }
    html = renderer(request).html(visitor.words, template, frame | values)
    return HTMLResponse(html.encode("utf-8", "replace"), status_code=status)


def part(request: Request, template: str, **values: Any) -> HTMLResponse:
    """A piece of a page, for htmx."""
    visitor: Visitor = request.state.visitor
    html = renderer(request).html(visitor.words, template, {"may": visitor.may} | values)
    return HTMLResponse(html.encode("utf-8", "replace"))


def alarms(request: Request) -> tuple[AlarmBanner, ...]:
    """Return the lockdown and the door's alarms; nothing for a visitor who is not signed in."""
    visitor: Visitor = request.state.visitor
    if visitor.signed_in is None:
        return ()
    config, words = visitor.site.config, visitor.words
    running = doors.door_service_runs(config.data)
    return (
        *lockdown_alarm(lockdown.in_force(visitor.site), words),
        *door_alarms(
            running, state=doors.door_state(visitor.site), now=visitor.now.utc, words=words, config=config
        ),
    )


def open_alarms(visitor: Visitor) -> int:
    """The number of unacknowledged alarms; 0 without the right to see them, and while they are unreadable."""
    if visitor.signed_in is None or not visitor.may(Right.VIEW_LOG):
        return 0
    try:
        return alarms_service.count(visitor.acting)
    except GenkanError:
        return 0


def _here(request: Request) -> str:
    """Return the address for the language switch. The answer to a POST may have no address of its own."""
    path = quote(request.scope["path"])
    if request.method != "GET":
        route_path = getattr(request.scope.get("route"), "path", "")
        return path if ("GET", route_path) in ROLES else "/"
    query = request.scope["query_string"].decode("ascii", "replace")
    return f"{path}?{query}" if query else path

"""Save a form of the rules to the draft, or show it again with what is wrong."""

from collections.abc import Callable

from starlette.responses import RedirectResponse, Response

from controller.errors import Conflict, OperatorError
from controller.services.requests.request import Request as RequestOf
from controller.services.rules import draft as rule_draft
from web.frame.sent_form import Sent, first
from web.frame.visitor import Visitor


def saved() -> Response:
    return RedirectResponse("/rules/draft?done=draft_saved", status_code=303)


def save(
    asker: Visitor,
    sent: Sent,
    part: rule_draft.Part,
    parse: Callable[[str], RequestOf[None]],
    show_again: Callable[[str, OperatorError], Response],
) -> Response:
    """`parse` reads the change from the form and gets its mark; `show_again` gets the mark and the error."""
    try:
        asker.send(parse(first(sent, "seen")))
    except OperatorError as error:
        return show_again(_mark_again(asker, sent, part, error), error)
    return saved()


def _mark_again(asker: Visitor, sent: Sent, part: rule_draft.Part, error: OperatorError) -> str:
    """The mark for a returned form: the mark it came with, because an error in a field shows nobody what
    others have changed. Only an operator who saw that change may overwrite it.
    """
    if isinstance(error, Conflict):
        return rule_draft.mark(rule_draft.edited(asker.acting), part)
    return first(sent, "seen")

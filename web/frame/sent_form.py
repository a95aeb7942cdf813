"""A form whose fields depend on the rules of the site, as it was sent."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from controller.errors import Conflict, OperatorError
from controller.services.rules import draft as rule_draft
from web.frame.visitor import Visitor

MOST_FIELDS = 2000


async def _sent(request: Request) -> Mapping[str, Sequence[str]]:
    """Files are left out; an empty field is kept, so that lists run in step."""
    form = await request.form(max_fields=MOST_FIELDS, max_files=0)
    found: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


Sent = Annotated[Mapping[str, Sequence[str]], Depends(_sent)]


def first(sent: Mapping[str, Sequence[str]], name: str) -> str:
    values = sent.get(name)
    return values[0] if values else ""


def seen_again(
    asker: Visitor, sent: Mapping[str, Sequence[str]], part: rule_draft.Part, error: OperatorError
) -> str:
    """The mark for a returned form: the mark it came with, because an error in a field shows nobody what
    others have changed. Only an operator who saw that change may overwrite it.
    """
    if isinstance(error, Conflict):
        return rule_draft.mark(rule_draft.edited(asker.acting), part)
    return first(sent, "seen")

"""A form whose fields depend on the rules of the site, as it was sent."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

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

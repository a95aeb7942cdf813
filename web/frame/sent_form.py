"""A form whose fields depend on the rules of the site, as it was sent."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends
from starlette.datastructures import FormData
from starlette.requests import Request

MOST_FIELDS = 2000
OWN_PASSWORD = "own_password"  # noqa: S105 - the field of the operator's own password, in any form


async def read_form(request: Request) -> FormData:
    """Starlette reads the body once, so a route with an upload has read it already, with its file."""
    return await request.form(max_fields=MOST_FIELDS, max_files=0)


async def _sent(request: Request) -> Mapping[str, Sequence[str]]:
    """Files are left out; an empty field is kept, so that lists of one form stay aligned."""
    found: dict[str, list[str]] = {}
    for name, value in (await read_form(request)).multi_items():
        if isinstance(value, str) and name != OWN_PASSWORD:
            found.setdefault(name, []).append(value)
    return found


Sent = Annotated[Mapping[str, Sequence[str]], Depends(_sent)]


def first(sent: Mapping[str, Sequence[str]], name: str) -> str:
    values = sent.get(name)
    return values[0] if values else ""

"""POST /api/v1/requests/{kind}: what an operator may ask, as the registrar takes it, for programs.

The body is a JSON object with the fields of the request, and `own_password` where it must be confirmed.
"""

import json
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from controller.errors import N_, BadRequest, NotFound
from controller.model.plain_values import to_plain
from controller.services.request_table import KINDS
from controller.services.requests.request import Confirm, OpenRequest, RequestWithBody, result_of
from controller.services.requests.request import Request as RequestOf
from controller.services.requests.sockets import LONGEST_LINE
from controller.services.requests.wire import Message, decode_request
from web.frame.guard import guarded_router
from web.frame.json_schema import Schema, Schemas
from web.frame.sent_form import OWN_PASSWORD
from web.frame.visitor import Visitor

router = guarded_router()
PATH = "/api/v1/requests/"
# Those of a session; a file travels by the pages alone, and what a page did is recorded by that page.
OFFERED: dict[str, type[RequestOf[Any]]] = {
    kind: one
    for kind, one in KINDS.items()
    if not (one.needs_the_machine or one.follows_a_page or issubclass(one, OpenRequest | RequestWithBody))
}
_CONFIRMED = {
    Confirm.NEVER: "It needs no confirmation.",
    Confirm.RECENT: "It needs `own_password` if that was typed more than 10 minutes ago.",
    Confirm.EACH_TIME: "It needs `own_password` each time.",
}
_CONFIRMED_BY_A_FIELD = "The operator's own password is one of its fields, and confirms it."
_REFUSALS = {
    "400": "Not JSON, an unknown field or a wrong type",
    "401": "Nobody is signed in",
    "403": "The role does not allow it, or the password is missing or wrong (confirmation_needed)",
    "404": "There is no such request, or what it names does not exist",
    "409": "It conflicts with what is there",
    "422": "A value is refused; `field` names it",
    "429": "Too many requests of this session",
    "503": "The registrar does not answer",
}


async def _sent(request: Request) -> dict[str, Any]:
    """The object in the body. Raise BadRequest for anything else."""
    body = await request.body()
    if len(body) > LONGEST_LINE:
        raise BadRequest(f"The body has {len(body)} bytes; {LONGEST_LINE} are the most.")
    try:
        sent = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict) or not isinstance(sent.get(OWN_PASSWORD, ""), str):
        raise BadRequest("The body must be a JSON object with the fields of the request.")
    return sent


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


@router.post("/api/v1/requests/{kind}", include_in_schema=False)
def carry_out(request: Request, kind: str, sent: Annotated[dict[str, Any], Depends(_sent)]) -> Response:
    visitor: Visitor = request.state.visitor
    if kind not in OFFERED:
        raise NotFound(N_("There is no such request; see /api/v1/openapi.json."))
    fields = {name: value for name, value in sent.items() if name != OWN_PASSWORD}
    wanted = decode_request(OFFERED, Message(kind=kind, fields=fields))
    asker = replace(visitor, own_password=sent.get(OWN_PASSWORD, "")[:200])
    return JSONResponse({"result": to_plain(asker.send(wanted))})


def add_requests(document: dict[str, Any]) -> None:
    """Add each request of the table to an OpenAPI document."""
    schemas = Schemas()
    refusal = {"schema": {"$ref": "#/components/schemas/Refusal"}}
    refusals = {
        status: {"description": text, "content": {"application/json": refusal}}
        for status, text in _REFUSALS.items()
    }
    for kind, one in OFFERED.items():
        document["paths"][PATH + kind] = {"post": _operation(kind, one, schemas, refusals)}
    components = document.setdefault("components", {}).setdefault("schemas", {})
    components |= schemas.components
    components["Refusal"] = _REFUSAL


def _operation(
    kind: str, one: type[RequestOf[Any]], schemas: Schemas, refusals: dict[str, Any]
) -> dict[str, Any]:
    password: dict[str, Schema] = {}
    if one.confirm is not Confirm.NEVER and not one.holds_password:
        password = {OWN_PASSWORD: {"type": "string", "maxLength": 200}}
    confirmed = _CONFIRMED_BY_A_FIELD if one.holds_password else _CONFIRMED[one.confirm]
    result = {"type": "object", "properties": {"result": schemas.of(result_of(one))}}
    return {
        "tags": ["requests"],
        "operationId": kind,
        "description": f"Needs the right `{one.right.value}`. {confirmed} "
        f"A session may send {one.most_a_minute} of them within a minute.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schemas.fields_of(one, password)}},
        },
        "responses": {
            "200": {
                "description": "What it led to; a value equal to its default is left out",
                "content": {"application/json": {"schema": result}},
            },
            **refusals,
        },
    }


_REFUSAL: Schema = {
    "type": "object",
    "properties": {
        "status": {"type": "integer"},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": "A sentence in the language of the account"},
        "error": {
            "type": "string",
            "description": "For the installer, in English: the cause of a fault (503)",
        },
        "code": {"type": "string", "description": "The same in every language"},
        "field": {"type": "string", "description": "The field whose value is refused"},
        "fields": {"type": "object", "description": "The values of the refusal, such as `seconds`"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Refusal"}},
        "each_time": {"type": "boolean", "description": "The password must come with each such request"},
        "is_wrong": {"type": "boolean", "description": "A password came, and is another one"},
    },
    "required": ["status", "detail", "code"],
}

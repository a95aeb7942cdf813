"""/api/v1: the log and the doors as JSON, for programs of those who are signed in."""

from typing import Annotated, Any

from fastapi import Query
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from controller.model.events import EventType
from controller.services.doors import modes as door_modes
from controller.services.doors import now as doors
from controller.services.log import entry_log
from controller.services.log.entry_log import LogEntry
from web.frame.guard import Asker, guarded_router
from web.log.person import chosen_person
from web.log.query import log_query
from web.routes.requests import add_requests

router = guarded_router()
PREFIX = "/api/v1/"


@router.get("/api/v1/openapi.json", include_in_schema=False)
def openapi(request: Request, asker: Asker) -> Response:
    """The pages are for browsers and not part of it."""
    routes = [
        route for route in router.routes if isinstance(route, APIRoute) and route.path.startswith(PREFIX)
    ]
    document = get_openapi(title=request.app.title, version=request.app.version, routes=routes)
    add_requests(document)
    return JSONResponse(document)


@router.get("/api/v1/events", tags=["v1"])
def events(
    asker: Asker,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    person: str = "",
    door: str = "",
    result: str = "all",
    day: str = "",
    name: str = "",
) -> Response:
    """Newest first. For the following page give the last `seq` as `before`; absent values are null.

    `person` is a reference, or text like `name`: part of a name or reading, or a badge's last four digits.
    Text that matches no person, or several, returns no events; `people_matching` is the number of matches.
    """
    query, fitting = chosen_person(asker, log_query(person, door, result, day, name=name))
    for error in query.errors.values():
        raise error
    wanted = query.filter(asker.site.config.site.time_zone)
    entries = entry_log.page(asker.acting, wanted, before=before, limit=limit)
    answer: dict[str, Any] = {"events": [_event(entry) for entry in entries]}
    if query.admits_no_record:
        answer["people_matching"] = fitting.count
    return JSONResponse(answer)


@router.get("/api/v1/doors", tags=["v1"])
def doors_now(asker: Asker) -> Response:
    """The current state of each door and reader; null if unknown."""
    with asker.site.journal.one_moment():
        state = doors.doors_status(asker.acting)
        modes = door_modes.door_modes(asker.acting)
    return JSONResponse(
        {
            "running": state.running,
            "fire": state.fire,
            "doors": [
                {
                    "door": door.name,
                    "released": door.released,
                    "opened": door.opened,
                    "forced": door.forced,
                    "mode": mode.value if (mode := modes[door.name].mode) else None,
                    "since": door.since.isoformat() if door.since else None,
                    "readers": [
                        {
                            "reader": reader.name,
                            "access_point": reader.access_point,
                            "direction": reader.direction.value,
                            "online": reader.online,
                            "problem": reader.problem,
                            "problem_fields": dict(reader.problem_fields),
                        }
                        for reader in door.readers
                    ],
                }
                for door in state.doors
            ],
        }
    )


def _event(entry: LogEntry) -> dict[str, Any]:
    details = entry.details or {}
    return {
        "seq": entry.seq,
        "utc": entry.utc.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": entry.type,
        "section": entry.section,
        "door": entry.door,
        "access_point": entry.access_point,
        "reader": entry.reader,
        "direction": entry.direction,
        "result": entry.result,
        "reason": entry.reason,
        "person": details.get("name"),
        "badge": details.get("last_four"),
        "operator": details.get("operator"),
        "clock": entry.clock,
        **_problem(entry),
        **entry.codes,
    }


def _problem(entry: LogEntry) -> dict[str, Any]:
    """The problem of a reader or of genkan.toml as a code with its fields."""
    if entry.type not in (EventType.READER_OFFLINE, EventType.CONFIG_DAMAGED):
        return {}
    fields = dict(entry.details or {})
    return {"problem": fields.pop("problem", None), "problem_fields": fields}

"""Every request, once. A request that is not here does not exist for the registrar."""

from typing import Any

from controller.services.access.requests import ACCESS_REQUESTS
from controller.services.backup.requests import BACKUP_REQUESTS
from controller.services.doors.requests import DOOR_REQUESTS
from controller.services.log.requests import LOG_REQUESTS
from controller.services.operators.requests import OPERATOR_REQUESTS
from controller.services.people.requests import PEOPLE_REQUESTS
from controller.services.presence.requests import PRESENCE_REQUESTS
from controller.services.requests.request import Request, kind_of
from controller.services.rules.requests import RULE_REQUESTS

REQUESTS: tuple[type[Request[Any]], ...] = (
    *PEOPLE_REQUESTS,
    *ACCESS_REQUESTS,
    *RULE_REQUESTS,
    *DOOR_REQUESTS,
    *PRESENCE_REQUESTS,
    *BACKUP_REQUESTS,
    *LOG_REQUESTS,
    *OPERATOR_REQUESTS,
)

KINDS = {kind_of(one): one for one in REQUESTS}

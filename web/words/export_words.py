"""Headers and words of the CSV export, in the language of who exports."""

from collections.abc import Sequence
from enum import Enum

from controller.config import Config
from controller.errors import N_
from controller.model.access import Direction
from controller.model.credentials import Assurance
from controller.model.events import EventType, Outcome
from controller.model.orders import ActionType, OrderType
from controller.model.reasons import DenyReason, OrderRefusal
from controller.services.log.export import TableText
from web.words.codes import message_key
from web.words.words import Words

HEADERS = (
    N_("No."),
    N_("Time"),
    N_("Person"),
    N_("Badge (last 4)"),
    N_("Door"),
    N_("Access point"),
    N_("Direction"),
    N_("Event"),
    N_("Result"),
    N_("Reason"),
    N_("Count"),
    N_("Account"),
    N_("What the badge proved"),
)
_KINDS: Sequence[type[Enum]] = (
    EventType,
    Outcome,
    DenyReason,
    OrderRefusal,
    Direction,
    ActionType,
    OrderType,
)


def export_text(words: Words, config: Config) -> TableText:
    return TableText([words.translate(key) for key in HEADERS], _codes(words, config), config.site.time_zone)


def _codes(words: Words, config: Config) -> dict[str, str]:
    """Code → word; places under `column:name`, so that no door's name is confused with a code."""
    found = {f"door:{name}": words.place(name) for name in config.doors}
    found |= {f"access_point:{name}": words.place(name) for name in config.access_points}
    found |= {"granted": words.translate(N_("Granted")), "denied": words.translate(N_("Refused"))}
    found["waiting"] = words.translate(N_("Waiting for a second person"))
    found |= {f"assurance:{one.value}": words.translate(message_key(one)) for one in Assurance}
    for kind in _KINDS:
        found |= {str(member.value): words.translate(message_key(member)) for member in kind}
    return found

"""Headers and words of the CSV export, in the language of who exports."""

from collections.abc import Sequence
from enum import Enum

from controller.errors import N_
from controller.model.access import Direction
from controller.model.credentials import Assurance
from controller.model.events import EventType, Outcome
from controller.model.orders import ActionType, OrderType
from controller.model.reasons import DenyReason, OrderRefusal
from web.frame.render import Renderer
from web.words.language import translate
from web.words.words import message_key

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


def export_headers(language: str) -> tuple[str, ...]:
    return tuple(translate(language, key) for key in HEADERS)


def export_words(language: str, renderer: Renderer) -> dict[str, str]:
    """Code → word; places under `column:name`, so that no door's name is confused with a code."""
    config = renderer.config
    words = {f"door:{name}": renderer.label(language, name) for name in config.doors}
    words |= {f"access_point:{name}": renderer.label(language, name) for name in config.access_points}
    words |= {"granted": translate(language, N_("Granted")), "denied": translate(language, N_("Refused"))}
    words["waiting"] = translate(language, N_("Waiting for a second person"))
    words |= {f"assurance:{one.value}": translate(language, message_key(one)) for one in Assurance}
    for kind in _KINDS:
        words |= {str(member.value): translate(language, message_key(member)) for member in kind}
    return words

"""One operator's action as the changes page shows it: each thing that differs, before → after, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from controller.errors import N_
from controller.model.credentials import Assurance, CardholderStatus, CredentialKind, CredentialStatus
from controller.model.events import EventType, Json
from controller.model.operators import MACHINE, OperatorRole, OperatorStatus
from controller.model.orders import ActionType, OperatorAction
from controller.model.reasons import MissedTap
from controller.services.lockdown import SITE
from web.language import LANGUAGES, say
from web.render import Renderer
from web.words import DAY_TYPES, WEEKDAYS, key_of, key_of_code

FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "kana": N_("Reading"),
    "status": N_("State"),
    "levels": N_("Access levels"),
    "category": N_("Category"),
    "qualifications": N_("Qualifications"),
    "overrides": N_("Enters in a lockdown"),
    "more_time": N_("More time at the door"),
    "person": N_("Person"),
    "holder": N_("Person"),
    "badge": N_("Badge"),
    "last_four": N_("Badge"),
    "kind": N_("Kind"),
    "assurance": N_("What it proves"),
    "key_version": N_("Key version"),
    "station": N_("Issuing station"),
    "first_day": N_("First day"),
    "last_day": N_("Last day"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "rules": N_("Access rules"),
    "windows": N_("Time windows"),
    "special_days": N_("Special days"),
    "display_name": N_("Name"),
    "sign_in_name": N_("Sign-in name"),
    "role": N_("Role"),
    "language": N_("Language"),
    "door": N_("Door"),
    "area": N_("Area"),
    "despite_lockdown": N_("Although a lockdown was on"),
    "reader": N_("Reader"),
    "duress_pin": N_("Duress PIN"),
    "rows": N_("Rows"),
    "format": N_("Format"),
    "count": N_("Rows"),
    "badges": N_("Badges"),
    "address": N_("Network address"),
    "alarm": N_("Alarm"),
    "missed": N_("Missed tap"),
    "people": N_("People"),
    "view": N_("Page"),
    "resolves": N_("No."),
    "numbers": N_("No."),
    "sections": N_("Result"),
    "from": N_("From"),
    "until": N_("Until"),
    "day_start": N_("From"),
    "day_end": N_("Until"),
}
_CODES: Mapping[str, tuple[type[Enum], ...]] = {
    "status": (CardholderStatus, CredentialStatus, OperatorStatus),
    "role": (OperatorRole,),
    "kind": (CredentialKind,),
    "alarm": (EventType,),
    "missed": (MissedTap,),
}
_VIEWS: Mapping[str, str] = {
    "presence": N_("Who is inside"),
    "missed_taps": N_("Missed taps"),
    "explain": N_("Explain"),
    "rehearsal": N_("Rehearsal of the draft"),
}
EMPTY = "–"
_FOR_MACHINES = frozenset({"order", "kept"})
_PLACES = ("door", "reader", "access_point")


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` is None for what is new or did not change, `after` for what is gone."""

    what: str
    before: str | None
    after: str | None

    @property
    def line(self) -> str:
        values = (self.before, self.after)
        return f"{self.what}: {' → '.join(value for value in values if value is not None)}"


@dataclass(frozen=True, slots=True)
class ChangeRow:
    id: int
    utc: datetime
    who: str
    role: str
    what: str
    link: str | None
    differences: tuple[Difference, ...]
    reason: str


def change_row(action: OperatorAction, language: str, renderer: Renderer) -> ChangeRow:
    return ChangeRow(
        id=action.id,
        utc=action.utc,
        who=operator_text(action.operator_id, action.operator_name, language),
        role=say(language, key_of_code(OperatorRole, action.role or None)),
        what=say(language, key_of_code(ActionType, action.action)),
        link=_link(action),
        differences=differences(action.before, action.after, action.object_type, language, renderer),
        reason=action.reason or "",
    )


def operator_text(operator_id: str | None, name: str, language: str) -> str:
    """The name as it was; the command line has one in each language."""
    return say(language, N_("command line")) if operator_id == MACHINE.id else name


def differences(
    before: Json, after: Json, object_type: str | None, language: str, renderer: Renderer
) -> tuple[Difference, ...]:
    """In the order of FIELDS. What is empty and was not there before is not worth a line."""
    old = before if isinstance(before, dict) else {}
    new = after if isinstance(after, dict) else {}
    found = []
    for key in sorted({*old, *new} - _FOR_MACHINES, key=_place):
        was = _text(key, old[key], language, renderer) if key in old else None
        now = _text(key, new[key], language, renderer) if key in new else None
        if was == now:
            was = None
        if was is not None or now not in (None, EMPTY):
            found.append(Difference(_title(key, object_type, language), was, now))
    return tuple(found)


def _place(key: str) -> tuple[int, str]:
    return (list(FIELDS).index(key) if key in FIELDS else len(FIELDS), key)


def _title(key: str, object_type: str | None, language: str) -> str:
    if object_type == "operator" and key == "name":
        key = "sign_in_name"
    return say(language, FIELDS[key]) if key in FIELDS else key


def _link(action: OperatorAction) -> str | None:
    """Where the thing is now; it may be gone, and then that page says so."""
    paths = {
        "person": "/people",
        "cardholder": "/people",
        "badge": "/badges",
        "credential": "/badges",
        "level": "/levels",
        "schedule": "/schedules",
        "operator": "/operators",
        "rules": "/rules/versions",
    }
    path = paths.get(action.object_type or "")
    return f"{path}/{action.object_id}" if path and action.object_id else None


def _text(key: str, value: Json, language: str, renderer: Renderer) -> str:
    if value is None or value == "" or value == []:
        return EMPTY
    if isinstance(value, list):
        return ", ".join(_text(key, item, language, renderer) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(name, item, language, renderer)}" for name, item in value.items())
    if isinstance(value, bool):
        return say(language, N_("yes") if value else N_("no"))
    text = str(value)
    if key == "assurance" and text in {str(int(one)) for one in Assurance}:
        return say(language, key_of(Assurance(int(text))))
    if key == "view" and text in _VIEWS:
        return say(language, _VIEWS[text])
    if key in _CODES:
        return _word(_CODES[key], text, language)
    if key == "area" and text == SITE:
        return say(language, N_("the whole site"))
    if key in _PLACES:
        return renderer.label(language, text)
    if key == "rules":
        point, colon, schedule = text.partition(": ")
        schedule = say(language, N_("always")) if schedule == "always" else schedule
        return f"{renderer.label(language, point)}{colon}{schedule}"
    if key == "language":
        return LANGUAGES.get(text, text)
    if key == "windows" and text[:1] in tuple("0123456") and text[1:2] == " ":
        return f"{say(language, WEEKDAYS[int(text[0])])} {text[2:]}"
    if key == "special_days":
        day_type, _, hours = text.partition(" ")
        shown = say(language, N_("closed all day")) if hours == "closed" else hours
        return f"{say(language, DAY_TYPES.get(day_type, day_type))} {shown}"
    if key in ("last_four", "badge"):
        return f"…{text}"
    return text


def _word(kinds: tuple[type[Enum], ...], code: str, language: str) -> str:
    for kind in kinds:
        if code in {member.value for member in kind}:
            return say(language, key_of_code(kind, code))
    return code

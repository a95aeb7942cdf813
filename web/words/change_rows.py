"""One operator's action as the changes page shows it: each thing that differs, before → after, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.errors import N_
from controller.model.events import Json
from controller.model.operators import MACHINE, OperatorRole
from controller.model.orders import ActionType, OperatorAction
from controller.services.log.changes import ReferenceNames
from web.words.changed_values import EMPTY, ChangedValues
from web.words.codes import code_message_key
from web.words.words import Words

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
    "assurance": N_("Copy protection"),
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
    "despite_lockdown": N_("Despite a lockdown"),
    "reader": N_("Reader"),
    "duress_pin": N_("Duress PIN"),
    "rows": N_("Rows"),
    "format": N_("Format"),
    "count": N_("Rows"),
    "badges": N_("Badges"),
    "address": N_("Network address"),
    "alarm": N_("Alarm"),
    "missed": N_("Missed tap"),
    "refused": N_("Refused by the door"),
    "people": N_("People"),
    "view": N_("Page"),
    "resolves": N_("No."),
    "numbers": N_("No."),
    "sections": N_("Result"),
    "from": N_("From"),
    "until": N_("Until"),
    "day_start": N_("From"),
    "day_end": N_("Until"),
    "within": N_("Lies within"),
    "version": N_("Version"),
    "file": N_("File"),
    "records": N_("Records"),
    "encrypted": N_("Encrypted with"),
    "due_utc": N_("To be erased at"),
    "confirmed": N_("Confirmed"),
    "differences": N_("Differences"),
    "restored": N_("Restored from a backup"),
}
# What only programs compare: fingerprints, sizes in bytes, numbers of orders. The log keeps all of it.
_FOR_MACHINES = frozenset(
    {"order", "kept", "registry", "content_sha256", "bytes", "size", "request_hash", "references", "refusal"}
)
_PLACES = {"door": "door", "reader": "reader", "area": "area", "lockdown": "area"}  # object type → field


@dataclass(frozen=True, slots=True)
class Difference:
    """`before` is None for a new or unchanged value, `after` for a removed one."""

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


def change_row(action: OperatorAction, words: Words, names: ReferenceNames | None = None) -> ChangeRow:
    values = ChangedValues.of(words, names or ReferenceNames())
    return ChangeRow(
        id=action.id,
        utc=action.utc,
        who=operator_text(action.operator_id, action.operator_name, words),
        role=words.translate(code_message_key(OperatorRole, action.role or None)),
        what=words.translate(code_message_key(ActionType, action.action)),
        link=_link(action),
        differences=(
            *_about(action, values),
            *_differences(action.before, action.after, action.object_type, values),
        ),
        reason=action.reason or "",
    )


def operator_text(operator_id: str | None, name: str, words: Words) -> str:
    """The name as it was; the command line has one in each language."""
    return words.translate(N_("command line")) if operator_id == MACHINE.id else name


def differences(before: Json, after: Json, object_type: str | None, words: Words) -> tuple[Difference, ...]:
    """In the order of FIELDS, without fields that are empty before and after."""
    return _differences(before, after, object_type, ChangedValues.of(words, ReferenceNames()))


def _about(action: OperatorAction, values: ChangedValues) -> tuple[Difference, ...]:
    """The changed object, if before and after don't name it, or name a person without reading and badge."""
    changed = {*(action.before or {}), *(action.after or {})}
    key = _PLACES.get(action.object_type or "")
    if key is not None and key not in changed and action.object_id:
        return (Difference(values.words.translate(FIELDS[key]), None, values.text(key, action.object_id)),)
    if action.object_type == "person" and action.object_id:
        who = values.text("person", action.object_id)
        name = {**(action.before or {}), **(action.after or {})}.get("name")
        if name is None or (action.object_id in values.names and who != name):
            return (Difference(values.words.translate(FIELDS["person"]), None, who),)
    return ()


def _differences(
    before: Json, after: Json, object_type: str | None, values: ChangedValues
) -> tuple[Difference, ...]:
    old = before if isinstance(before, dict) else {}
    new = after if isinstance(after, dict) else {}
    found = []
    for key in sorted({*old, *new} - _FOR_MACHINES, key=_place):
        was = values.text(key, old[key]) if key in old else None
        now = values.text(key, new[key]) if key in new else None
        if was == now:
            was = None
        if was is not None or now not in (None, EMPTY):
            found.append(Difference(_title(key, object_type, values.words), was, now))
    return tuple(found)


def _place(key: str) -> tuple[int, str]:
    return (list(FIELDS).index(key) if key in FIELDS else len(FIELDS), key)


def _title(key: str, object_type: str | None, words: Words) -> str:
    if object_type == "operator" and key == "name":
        key = "sign_in_name"
    return words.translate(FIELDS[key]) if key in FIELDS else key


def _link(action: OperatorAction) -> str | None:
    """Return the page of the changed object. If the object was removed, that page reports it."""
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

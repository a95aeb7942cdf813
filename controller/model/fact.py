"""What presence needs of one record, from an event before it is recorded or from a row of the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from controller.model.events import Event, EventType, Json, Outcome
from controller.model.reasons import DenyReason

NOT_THROUGH = frozenset({Outcome.NOT_OPENED, Outcome.NOT_RELEASED})  # outcomes without a passage
# Refusals that presence needs: they show who has not tapped at another door. Earlier versions also refused
# people who wait for a second person.
_USEFUL_REFUSALS = frozenset(
    {DenyReason.SECOND_PERSON_NEEDED, DenyReason.ANTI_PASSBACK, DenyReason.OUTER_AREA_NOT_ENTERED}
)


@dataclass(frozen=True, slots=True)
class Fact:
    """`codes` are those of the record; other values of it are left out."""

    seq: int
    type: str
    utc: datetime
    boot: str
    mono_ms: int
    door: str | None = None
    access_point: str | None = None
    direction: str | None = None
    result: str | None = None
    reason: str | None = None
    person: str | None = None
    codes: Mapping[str, Json] | None = None

    def code(self, name: str) -> Json:
        return None if self.codes is None else self.codes.get(name)


def correction_codes(after: Mapping[str, Json] | None) -> dict[str, str | int]:
    """The codes of an operator's `presence_corrected` that presence needs; nothing that names a person.

    `kept`: the person stays where they are counted; only the missed tap of record `resolves` is resolved.
    """
    values = after or {}
    names = ("area", "within", "category", "resolves", "kept")
    return {name: value for name in names if isinstance(value := values.get(name), str | int)}


def fact_of(seq: int, event: Event) -> Fact | None:
    """None for a record that presence does not need."""
    match event.type:
        case EventType.ACCESS_GRANTED | EventType.ACCESS_WAITING | EventType.OPERATOR_ACTION:
            pass
        case EventType.ACCESS_OUTCOME if event.result in NOT_THROUGH:
            pass
        case EventType.ACCESS_DENIED if event.reason in _USEFUL_REFUSALS:
            pass
        case _:
            return None
    utc = event.at.utc
    return Fact(
        seq=seq,
        type=event.type,
        utc=utc.replace(microsecond=utc.microsecond // 1000 * 1000),  # with the precision of the record
        boot=event.at.boot,
        mono_ms=event.at.mono_ms,
        door=event.door,
        access_point=event.access_point,
        direction=event.direction,
        result=event.result,
        reason=event.reason,
        person=event.person,
        codes=event.codes,
    )

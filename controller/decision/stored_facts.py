"""What the rules saw of a person and of the site at a tap; a refusal keeps it.

It answers "Why was this refused?" when badge, level, schedule or lockdown have long changed. It contains no
name and is part of the record's details, so erasing the person deletes it. Presence is not kept: the log up
to the record's number gives it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from controller.decision.facts import DoorFacts, Facts
from controller.model.access import AccessRecord, AccessRequest, AccessRule, PinResult, RightsState
from controller.model.credentials import Cardholder, Credential
from controller.model.events import Json
from controller.model.moment import ClockState, Moment
from controller.model.plain_values import from_plain, to_plain

MOST_CHARACTERS = 1000


@dataclass(frozen=True)
class StoredFacts:
    """`complete` is False if the schedules were too big to keep: then an explanation uses those in force now.
    `day_types` are those of the day and of the day before.
    """

    cardholder: Cardholder
    credential: Credential
    rules: tuple[AccessRule, ...] = ()
    pin: PinResult = PinResult.NONE
    not_before: datetime | None = None
    lockdowns: frozenset[str] = frozenset()
    doors: Mapping[str, DoorFacts] = field(default_factory=lambda: MappingProxyType({}))
    presence_known: bool = True
    day_types: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    complete: bool = True
    rights: RightsState = RightsState.UNCHECKED

    def record(self, person: str, credential: str, access_point: str) -> AccessRecord:
        """The look-up result of that time; the references are those of the log's record."""
        return AccessRecord(
            replace(self.credential, id=credential),
            replace(self.cardholder, id=person),
            tuple(replace(rule, access_point=access_point) for rule in self.rules),
        )


def encode_facts(request: AccessRequest, record: AccessRecord, now: Moment, facts: Facts) -> dict[str, Json]:
    """Without references and names: the log's record already has them."""
    today = now.utc.astimezone(facts.site.time_zone).date()
    doubtful = now.clock is not ClockState.TRUSTED or now.judged_utc != now.utc
    seen = StoredFacts(
        cardholder=replace(record.cardholder, id="", name=""),
        credential=replace(record.credential, id="", last_four=""),
        rules=tuple(
            replace(rule, access_point="", schedule=replace(rule.schedule, id="")) for rule in record.rules
        ),
        pin=PinResult.RIGHT if request.pin is PinResult.DURESS else request.pin,  # no rule distinguishes them
        not_before=now.not_before if doubtful else None,
        lockdowns=facts.lockdowns,
        doors={name: door for name, door in facts.doors.items() if door != DoorFacts()},
        presence_known=facts.presence is not None,
        day_types={
            day: facts.day_types[day] for day in (today - timedelta(days=1), today) if day in facts.day_types
        },
        rights=request.rights,
    )
    plain = to_plain(seen)
    if len(str(plain)) > MOST_CHARACTERS:
        plain = to_plain(replace(seen, rules=(), complete=False))
    assert isinstance(plain, dict)  # noqa: S101 - a dataclass becomes one
    return plain


def decode_facts(plain: Any) -> StoredFacts | None:
    """None for a content that this program does not know, for example from a newer one."""
    try:
        seen: StoredFacts = from_plain(StoredFacts, plain)
    except (ValueError, TypeError, KeyError):
        return None
    return seen

"""What the rules saw of a person and of the house at a tap, as it is kept beside a refusal.

"Why was this refused?" is answered from it when badge, level, schedule or lockdown have long changed. It
names nobody by itself and stands among the details of the record, so it goes when the person is erased. Who
was inside is not kept: presence up to the record's number says it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any

from controller.decision.facts import DoorFacts, Facts
from controller.model.access import AccessRecord, AccessRequest, AccessRule, PinShown
from controller.model.credentials import Cardholder, Credential
from controller.model.events import Json
from controller.model.moment import ClockState, Moment
from controller.model.plain_values import from_plain, to_plain

MOST_CHARACTERS = 1000


@dataclass(frozen=True)
class SeenFacts:
    """`complete` is False where the schedules were too many to keep: then those in force now are asked.
    `day_types` are those of the day and of the one before."""

    cardholder: Cardholder
    credential: Credential
    rules: tuple[AccessRule, ...] = ()
    pin: PinShown = PinShown.NONE
    not_before: datetime | None = None
    lockdowns: frozenset[str] = frozenset()
    doors: Mapping[str, DoorFacts] = field(default_factory=lambda: MappingProxyType({}))
    presence_known: bool = True
    day_types: Mapping[date, str] = field(default_factory=lambda: MappingProxyType({}))
    complete: bool = True

    def record(self, person: str, credential: str, access_point: str) -> AccessRecord:
        """As the look-up found it then; the references are those of the log's record."""
        return AccessRecord(
            replace(self.credential, id=credential),
            replace(self.cardholder, id=person),
            tuple(replace(rule, access_point=access_point) for rule in self.rules),
        )


def kept(request: AccessRequest, record: AccessRecord, now: Moment, facts: Facts) -> dict[str, Json]:
    """References and names stand in the log's record already, so they are left out here."""
    today = now.utc.astimezone(facts.site.time_zone).date()
    doubtful = now.clock is not ClockState.TRUSTED or now.judged_utc != now.utc
    seen = SeenFacts(
        replace(record.cardholder, id="", name=""),
        replace(record.credential, id="", last_four=""),
        tuple(
            replace(rule, access_point="", schedule=replace(rule.schedule, id="")) for rule in record.rules
        ),
        PinShown.RIGHT if request.pin is PinShown.DURESS else request.pin,  # no rule tells them apart
        now.not_before if doubtful else None,
        facts.lockdowns,
        {name: door for name, door in facts.doors.items() if door != DoorFacts()},
        facts.presence is not None,
        {day: facts.day_types[day] for day in (today - timedelta(days=1), today) if day in facts.day_types},
    )
    plain = to_plain(seen)
    if len(str(plain)) > MOST_CHARACTERS:
        plain = to_plain(replace(seen, rules=(), complete=False))
    assert isinstance(plain, dict)  # noqa: S101 - a dataclass becomes one
    return plain


def restored(plain: Any) -> SeenFacts | None:
    """None for what this program does not understand, such as what a newer one has kept."""
    try:
        seen: SeenFacts = from_plain(SeenFacts, plain)
    except (ValueError, TypeError, KeyError):
        return None
    return seen

"""A badge, a place and a moment to start from; each test names only what it changes."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from controller.decision.facts import Facts
from controller.decision.site import SitePolicy
from controller.model.access import AccessRecord, AccessRequest, AccessRule, Direction, Schedule, TimeWindow
from controller.model.credentials import (
    Cardholder,
    CardholderStatus,
    Credential,
    CredentialKind,
    CredentialStatus,
)
from controller.model.moment import ClockState, Moment

TOKYO = SitePolicy(ZoneInfo("Asia/Tokyo"), "refuse", time(4))
PLAIN_FACTS = Facts(TOKYO)
TOKYO_ALLOWS = SitePolicy(ZoneInfo("Asia/Tokyo"), "allow", time(4))
ALWAYS = Schedule("always", "Always", always=True)
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)


def at(
    text: str,
    zone: str = "Asia/Tokyo",
    *,
    clock: ClockState = ClockState.TRUSTED,
    not_before: str | None = None,
    mono_ms: int = 0,
) -> Moment:
    """`text` is what the wall clock in `zone` shows."""
    earliest = None if not_before is None else utc(not_before, zone)
    return Moment(utc(text, zone), mono_ms, "b" * 32, clock, earliest)


def utc(text: str, zone: str = "Asia/Tokyo") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


NOON = at("2026-11-25 12:00")  # a Wednesday


def after_ms(milliseconds: int) -> Moment:
    return replace(NOON, mono_ms=NOON.mono_ms + milliseconds)


def weekly(*windows: tuple[int, str, str]) -> Schedule:
    """Windows as (weekday, "22:00", "06:00"); "24:00" is the end of the day."""
    return Schedule("s1", "Shift", tuple(TimeWindow(day, _minutes(a), _minutes(b)) for day, a, b in windows))


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def badge(
    *,
    status: CredentialStatus = CredentialStatus.ACTIVE,
    holder: CardholderStatus = CardholderStatus.ACTIVE,
    name: str = "山田 花子",
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    schedules: tuple[Schedule, ...] = (ALWAYS,),
    access_point: str = "entrance-in",
) -> AccessRecord:
    return AccessRecord(
        Credential("c-9f2e", status, "BEEF", valid_from, valid_until),
        Cardholder("p-71ab", name, holder),
        tuple(AccessRule(access_point, schedule) for schedule in schedules),
    )


def tap(
    record: AccessRecord | None, direction: Direction = Direction.IN, card: bytes = b"\x01" * 32
) -> AccessRequest:
    return AccessRequest(
        door="entrance",
        access_point="entrance-in",
        reader="reader-1",
        direction=direction,
        kind=CredentialKind.FELICA,
        card_hash=card,
        last_four="BEEF",
        record=record,
        registry_version=42,
    )

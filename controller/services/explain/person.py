"""Explain whether this access point would admit a person at a moment, and why not: every rule in order.

For a future moment the people, schedules, rules and presence of now are used. For a past moment the presence
and the rules of then are used, with the people and schedules of now. `notes` lists what is unknown.
"""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from controller.decision.explain import Explanation, RuleExplanation, RuleResult
from controller.decision.explain import explain as ask_rules
from controller.decision.facts import Facts
from controller.errors import N_, BadInput, NotFound
from controller.model.access import AccessRequest, Direction, PinResult, RightsState, StandsReleased
from controller.model.credentials import CredentialStatus
from controller.model.fact import Fact
from controller.model.moment import ClockState, Moment
from controller.model.rule_book import DoorMode, RuleBook
from controller.registry import badges, people, pins, rule_books
from controller.registry.badges import BadgeRow
from controller.services import erasures
from controller.services.acting import Acting
from controller.services.doors import now as door_states
from controller.services.explain import past_facts
from controller.services.explain.current_facts import access_record, facts_now, rights_now, with_modes
from controller.services.log.entry_log import record_view
from controller.services.people import holders
from controller.services.rights import Right
from controller.services.site import Site

__all__ = ["ExplainNote", "Explained", "Explanation", "RuleExplanation", "RuleResult", "explain", "moment"]

_TIME = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?: +|T)(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YEARS = range(2000, 2200)


class ExplainNote(StrEnum):
    """What the explanation could not know, or assumed."""

    STILL_TO_COME = "still_to_come"  # a future moment, judged by who is inside now
    PEOPLE_AS_NOW = "people_as_now"  # a past moment, judged by people and schedules of now
    DOORS_NOT_KNOWN = "doors_not_known"  # assumed closed and secured
    NOT_THE_ONLY_BADGE = "not_the_only_badge"
    AS_KEPT = "as_kept"  # the record contains what the rules saw
    NOTHING_KEPT = "nothing_kept"  # the record contains no facts: people and schedules of now are used
    SCHEDULES_NOT_KEPT = "schedules_not_kept"
    ERASED = "erased"  # the recorded facts were erased with the person
    NOT_UNDERSTOOD = "not_understood"
    NO_RULE_ASKED = "no_rule_asked"  # refused before any rule was asked
    PIN_ASSUMED = "pin_assumed"  # the door asks for a PIN; the right one is assumed
    TOGETHER = "together"  # dual access: another person's tap admitted both
    RULES_GONE = "rules_gone"  # the recorded rules version is not in this registry


@dataclass(frozen=True, slots=True)
class Explained:
    """`person` is None for a card that was not enrolled. `book` is the rule book that was asked."""

    person: str | None
    name: str
    last_four: str
    door: str
    access_point: str
    direction: Direction
    at: Moment
    book: RuleBook
    explanation: Explanation
    notes: tuple[ExplainNote, ...] = ()

    @property
    def rules_version(self) -> int:
        return self.book.version


def moment(site: Site, text: str) -> datetime | None:
    """Parse the site's local time, such as 2026-11-25 22:30; empty means now."""
    typed = unicodedata.normalize("NFKC", text[:40]).strip()
    if not typed:
        return None
    match = _TIME.fullmatch(typed)
    try:
        if match is None or int(match[1]) not in _YEARS:
            raise ValueError
        year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
        zone = site.config.site.time_zone
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except ValueError:
        raise BadInput("at", N_("This is not a time; enter it as 2026-11-24 22:30.")) from None


def explain(
    acting: Acting,
    cardholder: str,
    access_point: str,
    at: datetime | None = None,
    badge: str | None = None,
) -> Explained:
    """`cardholder` is a reference. Without `badge`, an active one is chosen. Records the view."""
    acting.require(Right.VIEW_PRESENCE)
    point = acting.site.config.access_points.get(access_point)
    if point is None:
        raise BadInput(
            "access_point",
            N_("There is no access point {name}; choose one of: {known}."),
            name=access_point[:100],
            known=", ".join(acting.site.config.access_points),
        )
    instant = acting.moment if at is None else _moment_of(acting.moment, at)
    notes = []
    if instant.utc > acting.moment.utc:
        notes += [ExplainNote.STILL_TO_COME, ExplainNote.DOORS_NOT_KNOWN]
    elif at is not None:
        notes += [ExplainNote.PEOPLE_AS_NOW, ExplainNote.DOORS_NOT_KNOWN]
    past = instant.utc < acting.moment.utc
    then = past_facts.before_moment(acting.site, instant.utc) if past else past_facts.latest(acting.site)
    if past and then.newest is not None:
        instant = _on_running_boot(instant, then.newest)
    with acting.site.registry.read() as db:
        erasures.refuse_erased(db, cardholder)
        person = holders.require_person(people.person(db, cardholder))
        held = badges.badges_of(db, cardholder)
        row = _chosen(held, badge, person.name)
        if len(held) > 1:
            notes.append(ExplainNote.NOT_THE_ONLY_BADGE)
        record = access_record(acting.site, db, row.id, access_point)
        pin = PinResult.NOT_SET if pins.pin_of(db, cardholder) is None else PinResult.RIGHT
        facts = facts_now(acting.site, db)
        if past:
            version = rule_books.version_at(db, instant.utc)
            book = rule_books.book(db, version) or RuleBook()
            lockdowns = past_facts.lockdowns_before(acting.site, lambda entry: entry.utc < instant.utc)
            facts = replace(facts, book=book, lockdowns=lockdowns)
    facts = with_modes(acting.site, replace(facts, presence=then.presence), instant)
    if at is None:
        facts = _with_door_states(acting, facts)
    is_outward = point.direction is Direction.OUT
    asks = facts.door(point.door).mode is DoorMode.CARD_PIN and not is_outward
    if asks and pin is PinResult.RIGHT:
        notes.append(ExplainNote.PIN_ASSUMED)
    request = AccessRequest(
        door=point.door,
        access_point=access_point,
        reader=next(
            (r.name for r in acting.site.config.readers.values() if r.access_point == access_point), ""
        ),
        direction=point.direction,
        kind=row.kind,
        card_hash=b"",
        last_four=row.last_four,
        record=record,
        registry_version=0,
        assurance=row.assurance,
        pin=pin,
        rights=RightsState.UNCHECKED if past or is_outward else rights_now(acting.site, record),
    )
    record_view(acting, {"view": "explain", "person": cardholder, "access_point": access_point})
    return Explained(
        person=cardholder,
        name=person.name,
        last_four=row.last_four,
        door=point.door,
        access_point=access_point,
        direction=point.direction,
        at=instant,
        book=facts.book,
        explanation=ask_rules(request, instant, facts),
        notes=tuple(notes),
    )


def _with_door_states(acting: Acting, facts: Facts) -> Facts:
    """Set each door open and released as its newest records say."""
    doors, state = dict(facts.doors), door_states.doors_status(acting)
    for door in state.doors:
        if door.name in doors:
            by = doors[door.name].stands_released if door.released else None
            doors[door.name] = replace(
                doors[door.name],
                is_open=bool(door.opened),
                is_released=bool(door.released),
                stands_released=StandsReleased.FIRE if state.fire else by,
            )
    return replace(facts, doors=doors)


def _chosen(held: list[BadgeRow], wanted: str | None, name: str) -> BadgeRow:
    if wanted is not None:
        held = [row for row in held if row.id == wanted]
    if not held:
        raise NotFound(N_("{name} has no badge, so there is nothing to check; add a badge first."), name=name)
    return min(held, key=lambda row: (row.status is not CredentialStatus.ACTIVE, -row.assurance))


def _moment_of(now: Moment, at: datetime) -> Moment:
    offset_ms = round((at - now.utc) / timedelta(milliseconds=1))
    return Moment(at, max(0, now.mono_ms + offset_ms), now.boot, ClockState.TRUSTED)


def _on_running_boot(instant: Moment, newest: Fact) -> Moment:
    """Set the boot and monotonic time of then, by which the rules count seconds between taps."""
    since = round((instant.utc - newest.utc) / timedelta(milliseconds=1))
    return replace(instant, boot=newest.boot, mono_ms=newest.mono_ms + since)

"""Presence: who is inside which area, and its corrections: missed taps, forgiving, emptying an area.

Every correction has an operator and a reason, and takes effect through the log.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from controller.decision.first_last import Tap
from controller.decision.missed_taps import Missed
from controller.decision.presence import Inside, Presence
from controller.errors import N_, BadInput, Conflict, GenkanError, NotFound
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.model.reasons import MissedTap
from controller.model.rule_book import Area, RuleBook
from controller.registry import people, rule_books
from controller.registry.database import Connection
from controller.registry.people import Identity
from controller.registry.standing import standing
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.log.entry_log import record_view
from controller.services.log.requests import RecordMuster
from controller.services.people.holders import require_person as _person
from controller.services.rights import Right
from controller.services.site import Site

__all__ = ["AreaNow", "FirstLastNow", "MissedNow", "MissedTap", "PersonNow", "Roster"]

_ERASED = Identity("", "", ())


@dataclass(frozen=True, slots=True)
class PersonNow:
    """`name` is None for an erased person; `category` is a name of the rules.

    `details` distinguishes people of the same name: the reading and the last digits of the badges.
    """

    id: str
    name: str | None
    details: str
    category: str | None
    category_en: str
    category_ja: str
    since: datetime
    forgiven: bool


@dataclass(frozen=True, slots=True)
class AreaNow:
    """People in the order in which they entered, each in the innermost area only.

    `is_removed`: the rules in force no longer have this area. People counted in it stay so until they leave
    or an operator counts them out.
    """

    name: str
    label_en: str
    label_ja: str
    people: tuple[PersonNow, ...]
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    areas: tuple[AreaNow, ...]

    @property
    def count(self) -> int:
        return sum(len(area.people) for area in self.areas)


@dataclass(frozen=True, slots=True)
class NamedTap:
    """`missed`: the person left without a recorded entry."""

    name: str | None
    utc: datetime
    missed: bool = False


@dataclass(frozen=True, slots=True)
class FirstLastNow:
    """The first person who entered an area on a day of the site, and the last who left it."""

    day: date
    area_en: str
    area_ja: str
    first: NamedTap | None
    last: NamedTap | None


@dataclass(frozen=True, slots=True)
class MissedNow:
    seq: int
    kind: MissedTap
    person: str
    name: str | None
    details: str
    area: str
    area_en: str
    area_ja: str
    utc: datetime
    refused: bool  # the person tried to go in, and the door refused


def roster(acting: Acting) -> Roster:
    """Who is inside now. Records the view, like one of the log."""
    acting.require(Right.VIEW_PRESENCE)
    found = _roster(acting.site)
    record_view(acting, {"view": "presence"})
    return found


def muster(acting: Acting) -> Roster:
    """The list for an emergency: return it even if its record cannot be written."""
    acting.require(Right.VIEW_PRESENCE)
    found = _roster(acting.site)
    try:
        acting.send(RecordMuster(people=found.count))
    except GenkanError:
        pass
    return found


def missed(acting: Acting) -> list[MissedNow]:
    """The open missed taps, newest first, for a supervisor to resolve."""
    acting.require(Right.VIEW_PRESENCE)
    state = acting.site.presence.now()
    found = state.missed.open(state.presence, _closing(acting))
    with acting.site.registry.read() as db:
        names = people.identities(db, {one.person for one in found})
        areas = acting.site.earlier_labels.book_with_labels(db, {one.area for one in found}).areas
    record_view(acting, {"view": "missed_taps"})
    return [_missed(one, names, areas.get(one.area)) for one in found]


def first_last(acting: Acting) -> list[FirstLastNow]:
    """The last 31 days on which somebody entered or left, newest first."""
    acting.require(Right.VIEW_PRESENCE)
    days = acting.site.presence.now().days
    taps = [tap for day in days for tap in (day.first, day.last) if tap is not None]
    with acting.site.registry.read() as db:
        names = people.names(db, {tap.person for tap in taps})
        areas = acting.site.earlier_labels.book_with_labels(db, {one.area for one in days}).areas
    record_view(acting, {"view": "presence"})

    def named(tap: Tap | None) -> NamedTap | None:
        return None if tap is None else NamedTap(names.get(tap.person), tap.utc, tap.missed)

    return [
        FirstLastNow(one.day, area_en, area_ja, first=named(one.first), last=named(one.last))
        for one in days
        for area_en, area_ja in [_labels(one.area, areas.get(one.area))]
    ]


def resolve(acting: Acting, seq: int, outside: bool, reason: str) -> None:
    """Resolve a missed tap. With `outside`, count the person out; otherwise the person stays counted, and
    only the entry leaves the list.
    """
    acting.require(Right.CORRECT_PRESENCE)
    why = typed_texts.reason_text(reason, required=True)
    state = acting.site.presence.now()
    open_now = state.missed.open(state.presence, _closing(acting))
    item = next((one for one in open_now if one.seq == seq), None)
    if item is None:
        raise NotFound(
            N_("No. {number} is not in the list of missed taps, or is already resolved; see the list."),
            number=seq,
        )
    at = state.presence.where(item.person)
    after: dict[str, Json] = {"missed": item.kind.value, "resolves": seq}
    if item.refused:
        after["refused"] = 1
    if not outside or at is None:
        after["kept"] = 1
    before: dict[str, Json] | None = {"area": at.area} if at is not None and outside else None
    _correct(acting, item.person, before, after, why=why)


def correct(acting: Acting, person: str, area: str | None, reason: str) -> None:
    """Count `person` (an id) in `area` from now on, or outside where that is None."""
    acting.require(Right.CORRECT_PRESENCE)
    why = typed_texts.reason_text(reason, required=True)
    at = acting.site.presence.now().presence.where(person)
    with acting.site.registry.read() as db:
        row = _person(people.person(db, person))
        book = rule_books.newest_book(db)
        category = standing(db, person).category
    if area is not None:
        _require_area(book, area)
    if area == (None if at is None else at.area):
        if area is None:
            raise Conflict(N_("{name} is not counted inside; there is nothing to correct."), name=row.name)
        raise Conflict(N_("{name} is already counted inside {area}."), name=row.name, area=area)
    after: dict[str, Json] = {} if area is None else {"area": area}
    if area is not None and (around := book.around(area)):
        after["within"] = ",".join(around)
    if area is not None and category is not None:
        after["category"] = category
    before: dict[str, Json] | None = None if at is None else {"area": at.area}
    _correct(acting, person, before, after, why=why)


def forgive(acting: Acting, person: str, reason: str) -> None:
    """Exempt the person's next entry from anti-passback."""
    acting.require(Right.CORRECT_PRESENCE)
    why = typed_texts.reason_text(reason, required=True)
    presence = acting.site.presence.now().presence
    with acting.site.registry.write() as db:
        row = _person(people.person(db, person))
        at = presence.where(person)
        if at is None and not _waits_out_the_minutes(acting, db, presence, person):
            raise BadInput(
                "person",
                N_("{name} is outside according to the log and may enter; there is nothing to forgive."),
                name=row.name,
            )
        after: dict[str, Json] = {"name": row.name}
        if at is not None:
            after["area"] = at.area
        acting.record(db, ActionType.FORGIVEN, "person", person, after=after, reason=why)


def _waits_out_the_minutes(acting: Acting, db: Connection, presence: Presence, person: str) -> bool:
    """Whether anti-passback refuses a person outside because the last entry was too few minutes ago."""
    book = rule_books.newest_book(db)
    for point in acting.site.config.access_points.values():
        rules = book.rules_at(point.door, point.name).values()
        minutes = max((one.minutes_apart for one in rules if not one.is_off), default=0)
        area = book.area_entered(point.name)
        last = (
            presence.entered_at(person, point.name)
            if area is None
            else presence.last_entry(person, area.name)
        )
        if minutes and last is not None and acting.moment.judged_utc - last < timedelta(minutes=minutes):
            return True
    return False


def forgive_area(acting: Acting, area: str, reason: str) -> int:
    """Forgive everybody counted inside it now; return how many."""
    return _correct_area(acting, area, ActionType.FORGIVEN, reason)


def empty(acting: Acting, area: str, reason: str) -> int:
    """Count everybody in the area out; return how many."""
    return _correct_area(acting, area, ActionType.AREA_EMPTIED, reason)


def _closing(acting: Acting) -> datetime:
    """The moment when the last business day ended."""
    return acting.site.policy.day_began(acting.moment.utc)


def _roster(site: Site) -> Roster:
    presence = site.presence.now().presence
    with site.registry.read() as db:
        current = rule_books.newest_book(db).areas
        inside = [one for area in presence.areas() for one in presence.inside(area)]
        book = site.earlier_labels.book_with_labels(db, presence.areas(), {one.category for one in inside})
        names = people.identities(db, {one.person for one in inside})
    removed = [
        book.areas.get(name) or Area(name=name, label_en=name, label_ja=name, entries=(), exits=())
        for name in sorted(presence.areas())
        if name not in current
    ]
    return Roster(
        tuple(
            AreaNow(
                name=area.name,
                label_en=area.label_en,
                label_ja=area.label_ja,
                people=tuple(
                    _now(one, names, book, presence)
                    for one in _by_entry(presence.inside(area.name))
                    if presence.where(one.person) is one
                ),
                is_removed=area.name not in current,
            )
            for area in (*current.values(), *removed)
        )
    )


def _by_entry(inside: Iterable[Inside]) -> list[Inside]:
    return sorted(inside, key=lambda one: one.seq)


def _now(one: Inside, names: dict[str, Identity], book: RuleBook, presence: Presence) -> PersonNow:
    category = book.categories.get(one.category or "")
    unlabelled = one.category or ""
    who = names.get(one.person, _ERASED)
    return PersonNow(
        id=one.person,
        name=who.name or None,
        details=who.details,
        category=one.category,
        category_en=category.label_en if category else unlabelled,
        category_ja=category.label_ja if category else unlabelled,
        since=one.since,
        forgiven=presence.is_forgiven(one.person),
    )


def _missed(one: Missed, names: dict[str, Identity], area: Area | None) -> MissedNow:
    who = names.get(one.person, _ERASED)
    area_en, area_ja = _labels(one.area, area)
    return MissedNow(
        seq=one.seq,
        kind=one.kind,
        person=one.person,
        name=who.name or None,
        details=who.details,
        area=one.area,
        area_en=area_en,
        area_ja=area_ja,
        utc=one.utc,
        refused=one.refused,
    )


def _labels(name: str, area: Area | None) -> tuple[str, str]:
    return (name, name) if area is None else (area.label_en, area.label_ja)


def _require_area(book: RuleBook, area: str) -> None:
    if area not in book.areas:
        raise NotFound(
            N_("There is no area {area} in the rules; choose one of: {known}."),
            area=area[:100],
            known=", ".join(book.areas) or "–",
        )


def _correct(
    acting: Acting,
    person: str,
    before: dict[str, Json] | None,
    after: dict[str, Json],
    why: str,
) -> None:
    with acting.site.registry.write() as db:
        row = people.person(db, person)
        acting.record(
            db,
            ActionType.PRESENCE_CORRECTED,
            "person",
            person,
            before=before,
            after=after,
            reason=why,
            about=None if row is None else {"name": row.name},
        )


def _correct_area(acting: Acting, area: str, action: ActionType, reason: str) -> int:
    acting.require(Right.CORRECT_PRESENCE)
    why = typed_texts.reason_text(reason, required=True)
    count = acting.site.presence.now().presence.count(area)
    with acting.site.registry.write() as db:
        if not count:
            _require_area(rule_books.newest_book(db), area)
            raise BadInput("area", N_("Nobody is counted inside {area}; there is nothing to do."), area=area)
        after: dict[str, Json] = {"area": area, "people": count}
        acting.record(db, action, "area", area, after=after, reason=why)
    return count

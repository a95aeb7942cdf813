"""Lockdown of an area with the areas within it, or of the whole site: nobody enters until an operator ends
it.

Leaving stays free. A lockdown is a state, not an order: it does not expire and survives a restart. One that
the log contains but a registry from an older backup does not is also in force until an operator ends it.
"""

from dataclasses import dataclass
from datetime import datetime

from controller.decision.facts import SITE
from controller.errors import N_, BadInput, Conflict, GenkanError, NotFound
from controller.model.access import Direction
from controller.model.definitions import LOCKDOWNS
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.model.recorded_rights import SubjectDigest, rights_text
from controller.model.rule_book import Area, RuleBook
from controller.registry import lockdowns as rows
from controller.registry import rule_books
from controller.registry.database import Connection
from controller.registry.rights import rights_now
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.field_errors import FieldErrors
from controller.services.rights import Right
from controller.services.site import Site

__all__ = [
    "SITE",
    "LockdownNow",
    "LockdownPlace",
    "begin",
    "end",
    "in_force",
    "locked_doors",
    "names",
    "places",
]


@dataclass(frozen=True, slots=True)
class LockdownNow:
    """`area` is a name, or SITE. The labels are those of the rules; empty if the rules do not have the area.
    `inner`: the areas within it, which are locked down too."""

    area: str
    label_en: str
    label_ja: str
    utc: datetime
    operator_id: str
    operator_name: str
    reason: str
    inner: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class LockdownPlace:
    """An area that can be locked down, and the areas within it that would be locked down too."""

    area: Area
    inner: tuple[Area, ...]


def in_force(site: Site) -> list[LockdownNow]:
    """Oldest first. Every page shows them to every signed-in operator, so this requires no right."""
    with site.registry.read() as db:
        found = [*rows.in_force(db), *_only_in_log(site, db)]
        book = rule_books.newest_book(db) if found else RuleBook()
    now = []
    for one in found:
        area = book.areas.get(one.area)
        now.append(
            LockdownNow(
                area=one.area,
                label_en=area.label_en if area else "",
                label_ja=area.label_ja if area else "",
                utc=one.utc,
                operator_id=one.operator_id,
                operator_name=one.operator_name,
                reason=one.reason,
                inner=_inner(book, one.area),
            )
        )
    return now


def names(site: Site, db: Connection) -> frozenset[str]:
    """The names of areas under lockdown, or SITE."""
    return rule_books.lockdowns(db) | {one.area for one in _only_in_log(site, db)}


def _only_in_log(site: Site, db: Connection) -> list[rows.Lockdown]:
    """The lockdowns that only the log contains."""
    try:
        records = [logged for logged in site.journal.logged_lockdowns() if logged.begun]
        entries = [site.journal.latest(f"lockdown:{logged.area}") for logged in records]
    except GenkanError:  # other pages report an unreadable log; a lockdown must not wait for it
        return []
    on = rule_books.lockdowns(db)
    found = []
    for logged, entry in zip(records, entries, strict=True):
        if logged.area in on or rows.has_action(db, logged):
            continue
        details = {} if entry is None or entry.details is None else entry.details
        actor = "" if entry is None else entry.actor or ""
        why = str(details.get("reason", ""))
        found.append(
            rows.Lockdown(
                area=logged.area,
                utc=logged.utc,
                operator_id=actor,
                operator_name=str(details.get("operator", "")),
                reason=why,
            )
        )
    return found


def places(site: Site) -> list[LockdownPlace]:
    """The areas of the rules in force."""
    with site.registry.read() as db:
        book = rule_books.newest_book(db)
    return [LockdownPlace(area, _inner(book, area.name)) for area in book.areas.values()]


def _inner(book: RuleBook, area: str) -> tuple[Area, ...]:
    return tuple(one for one in book.areas.values() if area in book.around(one.name))


def locked_doors(site: Site, db: Connection | None = None) -> frozenset[str]:
    """Doors that lead into an area under lockdown, or into an area within one."""
    if db is None:
        with site.registry.read() as reading:
            return locked_doors(site, reading)
    on = names(site, db)
    if not on:
        return frozenset()
    book, points = rule_books.newest_book(db), site.config.access_points.values()
    return frozenset(
        point.door
        for point in points
        if point.direction is Direction.IN and on.intersection((SITE, *book.areas_entered(point.name)))
    )


def begin(acting: Acting, area: str, reason: str) -> None:
    """In force at the door within a second. `area` is a name, or SITE. A reason is required."""
    acting.require(Right.LOCK_DOWN)
    with acting.site.registry.write() as db:
        with FieldErrors() as fields:
            fields.check(_refuse_unknown, db, area)
            why = fields.check(typed_texts.reason_text, reason, required=True)
        if not rows.begin(db, area, acting.operator, acting.moment.utc, reason=why):
            if area == SITE:
                raise Conflict(
                    N_("The whole site is already under lockdown; end it before you start a new one.")
                )
            raise Conflict(
                N_("{area} is already under lockdown; end it before you start a new one."), area=area
            )
        acting.record(db, ActionType.LOCKDOWN_BEGUN, "lockdown", area, after=_about(area), reason=why)


def end(acting: Acting, area: str, reason: str) -> None:
    """End it, also for an area that the rules no longer have. A reason is required."""
    acting.require(Right.LOCK_DOWN)
    why = typed_texts.reason_text(reason, required=True)
    with acting.site.registry.write() as db:
        is_only_in_log = not rows.end(db, area)
        if is_only_in_log and area not in names(acting.site, db):
            if area == SITE:
                raise Conflict(N_("The whole site is not under lockdown; there is nothing to end."))
            raise Conflict(N_("{area} is not under lockdown; there is nothing to end."), area=area[:100])
        acting.record(
            db,
            ActionType.LOCKDOWN_ENDED,
            "lockdown",
            area,
            before=_about(area),
            reason=why,
            rights=_rights(db) if is_only_in_log else None,
        )


def _rights(db: Connection) -> str:
    """Of a row that another program deleted, too, the log then has what the registry holds."""
    return rights_text([SubjectDigest(LOCKDOWNS, rights_now(db, [LOCKDOWNS])[LOCKDOWNS])])


def _refuse_unknown(db: Connection, area: str) -> None:
    if not area:
        raise BadInput("area", N_("Choose an area, or the whole site."))
    areas = rule_books.newest_book(db).areas
    if area != SITE and area not in areas:
        raise NotFound(
            N_("There is no area {area} in the rules; choose one of: {known}, or the whole site."),
            area=area[:100],
            known=", ".join(areas) or "–",
        )


def _about(area: str) -> dict[str, Json]:
    return {"area": area}

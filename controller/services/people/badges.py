"""Badges (credentials): enrol, change validity, suspend, resume, report lost.

A badge is valid from a first to a last day of the site, both included, or between two minutes.
"""

from dataclasses import dataclass, replace

from controller.errors import N_, NotFound
from controller.model.credentials import CredentialStatus
from controller.model.events import Json
from controller.model.orders import ActionType
from controller.registry import badges as rows
from controller.registry import people
from controller.registry.badges import BadgeRow
from controller.registry.database import Connection
from controller.services import typed_texts, validity
from controller.services.acting import Acting
from controller.services.people import card_keys, holders, learned_cards
from controller.services.people.badge import Badge, audit_fields, build_badge, require_badge
from controller.services.people.enrolment import Card, enrol, new_card, refuse_enrolled, typed_card
from controller.services.rights import Right
from controller.services.validity import Limit

__all__ = [
    "Badge",
    "BadgesPage",
    "add",
    "add_for_holder",
    "add_learned",
    "edit",
    "find_by_number",
    "get",
    "refuse_bad_number",
    "report_lost",
    "resume",
    "search",
    "suspend",
]


@dataclass(frozen=True, slots=True)
class BadgesPage:
    """`unreadable`: a sentence about each badge of this page that cannot be read."""

    badges: tuple[Badge, ...]
    next: str | None
    unreadable: tuple[str, ...] = ()


def search(
    acting: Acting,
    last_four: str = "",
    after: str | None = None,
    limit: int = 50,
) -> BadgesPage:
    """All badges, or those whose number ends in `last_four`, in a stable order."""
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        found = rows.badges_page(db, last_four.strip().upper(), after, limit + 1)
    page = found[:limit]
    badges = tuple(build_badge(acting.site, row) for row in page if isinstance(row, BadgeRow))
    unreadable = tuple(row.problem for row in page if not isinstance(row, BadgeRow))
    return BadgesPage(badges, page[-1].id if len(found) > limit else None, unreadable)


def get(acting: Acting, badge_id: str) -> Badge:
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        return build_badge(acting.site, require_badge(rows.badge(db, badge_id)))


def find_by_number(acting: Acting, number: str, kind: str = "", bits: str = "") -> Badge:
    """The badge with this card number; for the command line."""
    acting.require(Right.VIEW_PEOPLE)
    card = typed_card(acting.site, number, kind, bits)
    with acting.site.registry.read() as db:
        return build_badge(acting.site, require_badge(rows.badge_with_hash(db, card.card_hash)))


def add(
    acting: Acting,
    person_id: str,
    number: str,
    first: Limit = None,
    last: Limit = None,
    kind: str = "",
    bits: str = "",
) -> Badge:
    """`number` is hex as typed; see `typed_card` for `kind` and `bits`.

    Refuse a number that is already enrolled, random (phones), or of a kind that no reader here can read.
    """
    acting.require(Right.EDIT_PEOPLE)
    return _add(acting, person_id, card=new_card(acting.site, number, kind, bits), first=first, last=last)


def refuse_bad_number(acting: Acting, number: str, kind: str = "", bits: str = "") -> None:
    """Refuse a number that `add` would refuse."""
    acting.require(Right.EDIT_PEOPLE)
    card = new_card(acting.site, number, kind, bits)
    with acting.site.registry.read() as db:
        refuse_enrolled(db, card)


def add_learned(
    acting: Acting,
    person_id: str,
    order_id: int,
    first: Limit = None,
    last: Limit = None,
) -> Badge:
    """Enrol the card that the door learned for `order_id`; only the operator who gave that order may."""
    acting.require(Right.EDIT_PEOPLE)
    card = learned_cards.card_of(acting, order_id)
    if card is None:
        raise NotFound(N_("No card was read; start the enrolment again and tap the badge in time."))
    return _add(acting, person_id, card, first, last=last)


def add_for_holder(
    acting: Acting,
    holder: str,
    number: str,
    level: str | None = None,
    first: Limit = None,
    last: Limit = None,
    kind: str = "",
    bits: str = "",
) -> Badge:
    """For the command line: find the holder by name, or add that person; refuse if several have the name.

    `level` is the name of a level that the person gets in addition to those already held.
    """
    acting.require(Right.EDIT_PEOPLE)
    name, card = typed_texts.name_text("holder", holder), new_card(acting.site, number, kind, bits)
    with acting.site.registry.write() as db:
        person = holders.find_or_add(acting, db, name)
        if level is not None:
            holders.give_level(acting, db, person, level)
        row = enrol(acting, db, person, card, first=first, last=last)
    return build_badge(acting.site, row)


def edit(
    acting: Acting,
    badge_id: str,
    first: Limit,
    last: Limit,
) -> Badge:
    """Change the validity. Record nothing if nothing differs."""
    acting.require(Right.EDIT_PEOPLE)
    valid_from, valid_until = validity.moments(first, last, acting.site.config.site.time_zone)
    with acting.site.registry.write() as db:
        before = require_badge(rows.badge(db, badge_id))
        after = replace(before, valid_from=valid_from, valid_until=valid_until)
        _change(acting, db, type_=ActionType.BADGE_CHANGED, before=before, after=after)
    return build_badge(acting.site, after)


def suspend(acting: Acting, badge_id: str, reason: str = "") -> Badge:
    acting.require(Right.BLOCK_PEOPLE)
    return _set(
        acting, badge_id, status=CredentialStatus.SUSPENDED, type_=ActionType.BADGE_SUSPENDED, reason=reason
    )


def resume(acting: Acting, badge_id: str, reason: str = "") -> Badge:
    """Make a suspended badge active again, or a lost one that was found."""
    acting.require(Right.EDIT_PEOPLE)
    return _set(
        acting, badge_id, status=CredentialStatus.ACTIVE, type_=ActionType.BADGE_RESUMED, reason=reason
    )


def report_lost(acting: Acting, badge_id: str, reason: str = "") -> Badge:
    """Report it lost: the door refuses it from the next tap on, and the registry deletes its key."""
    acting.require(Right.BLOCK_PEOPLE)
    return _set(acting, badge_id, status=CredentialStatus.LOST, type_=ActionType.BADGE_LOST, reason=reason)


def _add(
    acting: Acting,
    person_id: str,
    card: Card,
    first: Limit,
    last: Limit,
) -> Badge:
    with acting.site.registry.write() as db:
        person = holders.require_person(people.person(db, person_id))
        row = enrol(acting, db, person, card, first=first, last=last)
    return build_badge(acting.site, row)


def _set(
    acting: Acting,
    badge_id: str,
    status: CredentialStatus,
    type_: ActionType,
    reason: str,
) -> Badge:
    why = typed_texts.reason_text(reason)
    with acting.site.registry.write() as db:
        before = require_badge(rows.badge(db, badge_id))
        after = replace(before, status=status)
        lost_key = card_keys.lose_key(db, badge_id) if status is CredentialStatus.LOST else ({}, {})
        _change(acting, db, type_=type_, before=before, after=after, reason=why, besides=lost_key)
        after = require_badge(rows.badge(db, badge_id))
    return build_badge(acting.site, after)


def _change(
    acting: Acting,
    db: Connection,
    type_: ActionType,
    before: BadgeRow,
    after: BadgeRow,
    reason: str = "",
    besides: tuple[dict[str, Json], dict[str, Json]] = ({}, {}),
) -> None:
    """`besides`: further fields for the record, before and after."""
    if after == before:
        return
    rows.change_badge(db, after)
    acting.record(
        db,
        type_,
        "badge",
        after.id,
        before=audit_fields(acting.site, before) | besides[0],
        after=audit_fields(acting.site, after) | besides[1],
        reason=reason,
        about={"person": after.person_name, "last_four": after.last_four},
    )

"""Badges (credentials): enrol, change validity, suspend, resume, report lost.

A badge is valid from a first to a last day of the site, both included, or between two minutes.
"""

from dataclasses import dataclass, replace

from controller.errors import N_, NotFound
from controller.model.credentials import CredentialStatus
from controller.model.events import Json
from controller.model.moment import Moment
from controller.model.operators import Operator
from controller.model.orders import ActionType
from controller.registry import actions, people
from controller.registry import badges as rows
from controller.registry.badges import BadgeRow
from controller.registry.database import Connection
from controller.services import typed_texts, validity
from controller.services.site import Site
from controller.services.people import card_keys, holders, learned_cards
from controller.services.people.badge import Badge, audit_fields, build_badge, require_badge
from controller.services.people.enrolment import Card, enrol, new_card, typed_card
from controller.services.rights import Right, require
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
    "lost",
    "resume",
    "search",
    "suspend",
]


@dataclass(frozen=True, slots=True)
class BadgesPage:
    badges: tuple[Badge, ...]
    next: str | None


def search(
    site: Site,
    operator: Operator,
    now: Moment,
    last_four: str = "",
    after: str | None = None,
    limit: int = 50,
) -> BadgesPage:
    """All badges, or those whose number ends in `last_four`, in a stable order."""
    require(operator, Right.VIEW_PEOPLE)
    with site.registry.read() as db:
        found = rows.badges_page(db, last_four.strip().upper(), after, limit + 1)
    badges = tuple(build_badge(site, row) for row in found[:limit])
    return BadgesPage(badges, badges[-1].id if len(found) > limit else None)


def get(site: Site, operator: Operator, now: Moment, badge_id: str) -> Badge:
    require(operator, Right.VIEW_PEOPLE)
    with site.registry.read() as db:
        return build_badge(site, require_badge(rows.badge(db, badge_id)))


def find_by_number(
    site: Site, operator: Operator, now: Moment, number: str, kind: str = "", bits: str = ""
) -> Badge:
    """The badge with this card number; for the command line."""
    require(operator, Right.VIEW_PEOPLE)
    card = typed_card(site, number, kind, bits)
    with site.registry.read() as db:
        return build_badge(site, require_badge(rows.badge_with_hash(db, card.card_hash)))


def add(
    site: Site,
    operator: Operator,
    now: Moment,
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
    require(operator, Right.EDIT_PEOPLE)
    return _add(site, operator, now, person_id, new_card(site, number, kind, bits), first, last)


def add_learned(
    site: Site,
    operator: Operator,
    now: Moment,
    person_id: str,
    order_id: int,
    first: Limit = None,
    last: Limit = None,
) -> Badge:
    """Enrol the card that the door learned for `order_id`; only the operator who gave that order may."""
    require(operator, Right.EDIT_PEOPLE)
    card = learned_cards.card_of(site, operator, order_id)
    if card is None:
        raise NotFound(N_("No card was read; start the enrolment again and tap the badge in time."))
    return _add(site, operator, now, person_id, card, first, last)


def add_for_holder(
    site: Site,
    operator: Operator,
    now: Moment,
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
    require(operator, Right.EDIT_PEOPLE)
    name, card = typed_texts.name_text("holder", holder), new_card(site, number, kind, bits)
    with site.registry.write() as db:
        person = holders.find_or_add(db, operator, now, name)
        if level is not None:
            holders.give_level(db, operator, now, person, level)
        row = enrol(db, site, operator, now, person, card, first, last)
    return build_badge(site, row)


def edit(
    site: Site,
    operator: Operator,
    now: Moment,
    badge_id: str,
    first: Limit,
    last: Limit,
) -> Badge:
    """Change the validity. Record nothing if nothing differs."""
    require(operator, Right.EDIT_PEOPLE)
    valid_from, valid_until = validity.moments(first, last, site.config.site.time_zone)
    with site.registry.write() as db:
        before = require_badge(rows.badge(db, badge_id))
        after = replace(before, valid_from=valid_from, valid_until=valid_until)
        _change(db, site, operator, now, ActionType.BADGE_CHANGED, before, after)
    return build_badge(site, after)


def suspend(site: Site, operator: Operator, now: Moment, badge_id: str, reason: str = "") -> Badge:
    require(operator, Right.BLOCK_PEOPLE)
    return _set(site, operator, now, badge_id, CredentialStatus.SUSPENDED, ActionType.BADGE_SUSPENDED, reason)


def resume(site: Site, operator: Operator, now: Moment, badge_id: str, reason: str = "") -> Badge:
    """Make a suspended badge active again, or a lost one that was found."""
    require(operator, Right.EDIT_PEOPLE)
    return _set(site, operator, now, badge_id, CredentialStatus.ACTIVE, ActionType.BADGE_RESUMED, reason)


def lost(site: Site, operator: Operator, now: Moment, badge_id: str, reason: str = "") -> Badge:
    """Report it lost: the door refuses it from the next tap on, and the registry deletes its key."""
    require(operator, Right.BLOCK_PEOPLE)
    return _set(site, operator, now, badge_id, CredentialStatus.LOST, ActionType.BADGE_LOST, reason)


def _add(
    site: Site,
    operator: Operator,
    now: Moment,
    person_id: str,
    card: Card,
    first: Limit,
    last: Limit,
) -> Badge:
    with site.registry.write() as db:
        person = holders.require_person(people.person(db, person_id))
        row = enrol(db, site, operator, now, person, card, first, last)
    return build_badge(site, row)


def _set(
    site: Site,
    operator: Operator,
    now: Moment,
    badge_id: str,
    status: CredentialStatus,
    type_: ActionType,
    reason: str,
) -> Badge:
    why = typed_texts.reason_text(reason)
    with site.registry.write() as db:
        before = require_badge(rows.badge(db, badge_id))
        after = replace(before, status=status)
        lost_key = card_keys.lose_key(db, badge_id) if status is CredentialStatus.LOST else ({}, {})
        _change(db, site, operator, now, type_, before, after, why, lost_key)
        after = require_badge(rows.badge(db, badge_id))
    return build_badge(site, after)


def _change(
    db: Connection,
    site: Site,
    operator: Operator,
    now: Moment,
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
    actions.record(
        db,
        operator,
        now.utc,
        type_,
        "badge",
        after.id,
        before=audit_fields(site, before) | besides[0],
        after=audit_fields(site, after) | besides[1],
        reason=reason,
        about={"person": after.person_name, "last_four": after.last_four},
    )

"""Erase a person: ask for it, cancel it, and carry it out when its time has come.

Only somebody who is no longer enrolled can be erased, and not before `[people] erase_after` is over. The door
waits as long by its own clock and configuration before it touches the log.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from controller.errors import N_, BadInput, Conflict, InstallerError
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.moment import ClockState, Moment
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.model.reasons import ErasureRefusal
from controller.registry import badges, people
from controller.registry import erasures as rows
from controller.registry.database import Connection
from controller.registry.erasures import ErasureRequest
from controller.registry.name_folding import folded
from controller.registry.people import PersonRow
from controller.services import erasures, typed_texts
from controller.services.acting import Acting
from controller.services.people import holders
from controller.services.registry_rollback import is_rolled_back
from controller.services.rights import Right
from controller.services.site import Site

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PendingErasure:
    """An erasure that can still be cancelled."""

    person_id: str
    name: str
    requested_utc: datetime
    due_utc: datetime
    operator_id: str
    operator_name: str
    reason: str


def request(acting: Acting, person_id: str, reason: str) -> PendingErasure:
    """The reason stays in the log, so it must not contain the name. Raise Conflict for who is enrolled."""
    acting.require(Right.ERASE_PEOPLE)
    why = typed_texts.reason_text(reason, required=True)
    utc = acting.moment.utc
    due = utc + acting.site.config.people.erase_after
    with acting.site.registry.write() as db:
        person = holders.require_person(people.person(db, person_id))
        _refuse_name(person, why)
        if _is_enrolled(db, person, utc):
            raise Conflict(
                N_("{name} has a badge that is active; suspend the person first."), name=person.name
            )
        if rows.pending_of(db, person_id) is not None:
            raise Conflict(N_("The erasure of {name} was already requested."), name=person.name)
        operator = acting.operator
        pending = ErasureRequest(
            person=person_id,
            requested_utc=utc,
            due_utc=due,
            operator_id=operator.id,
            operator_name=operator.display_name,
            reason=why,
        )
        rows.add_pending(db, pending)
        after = {"due_utc": due.isoformat(timespec="seconds")}
        acting.record(db, ActionType.ERASURE_ASKED, "person", person_id, after=after, reason=why)
        return _as_pending(acting.site, pending, person.name)


def cancel(acting: Acting, person_id: str, reason: str = "") -> None:
    acting.require(Right.ERASE_PEOPLE)
    why = typed_texts.reason_text(reason)
    with acting.site.registry.write() as db:
        person = holders.require_person(people.person(db, person_id))
        _refuse_name(person, why)
        if not rows.remove_pending(db, person_id):
            raise Conflict(N_("No erasure of {name} is pending."), name=person.name)
        acting.record(db, ActionType.ERASURE_CANCELLED, "person", person_id, reason=why)


def all_pending(acting: Acting) -> Sequence[PendingErasure]:
    """All pending erasures, the next one first. The registrar cancels what another program wrote: it is not
    among them.
    """
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        pending = [one for one in rows.all_pending(db) if rows.has_action(db, one)]
        found = people.identities(db, [one.person for one in pending]) if pending else {}
        return [
            _as_pending(acting.site, one, found[one.person].name) for one in pending if one.person in found
        ]


def pending_of(acting: Acting, person_id: str) -> PendingErasure | None:
    acting.require(Right.VIEW_PEOPLE)
    with acting.site.registry.read() as db:
        pending, person = rows.pending_of(db, person_id), people.person(db, person_id)
        if pending is None or person is None or not rows.has_action(db, pending):
            return None
    return _as_pending(acting.site, pending, person.name)


def carry_out_due(site: Site, now: Moment) -> int:
    """Erase from the registry everybody whose time has come; return how many.

    An untrusted clock carries out nothing, and nothing is carried out in a registry that does not continue
    the log. Somebody who was enrolled again meanwhile stays. A row that another program wrote is cancelled
    whenever it is due; the door raises the alarm.
    """
    if now.clock is ClockState.UNTRUSTED:
        return 0
    with site.registry.read() as db:
        due = [
            one
            for one in rows.all_pending(db)
            if _due_utc(site, one) <= now.utc or not rows.is_requested(db, one, site.key)
        ]
        if not due or is_rolled_back(site, db):
            return 0
    erasures.finish(site.registry, site.journal)
    erased = sum(_carry_out(Acting(site, MACHINE, now), one) for one in due)
    if erased:
        try:
            site.registry.scrub()
        except InstallerError as error:  # the people are erased; `finish` clears the free pages
            log.warning("the registry file could not be rewritten after an erasure: %s", error)
    return erased


def _due_utc(site: Site, one: ErasureRequest) -> datetime:
    """The door goes by the present `erase_after`, so a longer one also applies to what is pending."""
    return max(one.due_utc, one.requested_utc + site.config.people.erase_after)


def _carry_out(acting: Acting, one: ErasureRequest) -> bool:
    with acting.site.registry.write() as db:
        if is_rolled_back(acting.site, db):  # since then
            return False
        person = people.person(db, one.person)
        if person is None or rows.pending_of(db, one.person) != one:  # cancelled meanwhile
            return False
        is_requested = rows.is_requested(db, one, acting.site.key)
        if not is_requested:
            log.warning("another program than the registrar wrote a pending erasure; it is cancelled")
        if not is_requested or _is_enrolled(db, person, acting.moment.utc):
            rows.remove_pending(db, one.person)
            after = None if is_requested else {"refusal": ErasureRefusal.NOT_CARRIED_OUT.value}
            acting.record(db, ActionType.ERASURE_CANCELLED, "person", one.person, after=after)
            return False
        found = rows.references_of(db, one.person)
        action = acting.record(
            db,
            ActionType.ERASURE_CARRIED_OUT,
            "person",
            one.person,
            after={"references": found.digest},
            reason=one.reason,
        )
        rows.erase_person(db, one, found, action_id=action, utc=acting.moment.utc)
        return True


def _is_enrolled(db: Connection, person: PersonRow, utc: datetime) -> bool:
    return person.status is CardholderStatus.ACTIVE and any(
        badge.status is CredentialStatus.ACTIVE and (badge.valid_until is None or utc < badge.valid_until)
        for badge in badges.badges_of(db, person.id)
    )


def _refuse_name(person: PersonRow, reason: str) -> None:
    for name in (person.name, person.kana):
        if name and folded(name) in folded(reason):
            raise BadInput("reason", N_("The reason contains the name to erase; write it without the name."))


def _as_pending(site: Site, pending: ErasureRequest, name: str) -> PendingErasure:
    return PendingErasure(
        person_id=pending.person,
        name=name,
        requested_utc=pending.requested_utc,
        due_utc=_due_utc(site, pending),
        operator_id=pending.operator_id,
        operator_name=pending.operator_name,
        reason=pending.reason,
    )

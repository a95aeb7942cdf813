"""Accepting the registry as it is, where it does not belong to the log: after somebody put an older one back.

The registry gets a new id, so the door copies its actions again from the first. All its rights are recorded
again; from then on they are in force, and no others.
"""

from controller.errors import N_, Conflict, GenkanError, InstallerError
from controller.model.events import EventType
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.model.recorded_rights import Subject, SubjectKind
from controller.registry.database import Connection, before_write
from controller.registry.restored import begin_in_place_of
from controller.registry.rights import rights_now
from controller.services import found_rights, typed_texts
from controller.services.acting import Acting
from controller.services.backup.registry_comparison import RegistryComparison, comparison
from controller.services.doors import alarms
from controller.services.rights import Right

# Their cause ends with the acceptance.
_ENDED = (EventType.REGISTRY_ROLLED_BACK, EventType.RIGHTS_DIFFER)


def accept(acting: Acting, fingerprint: str, reason: str) -> None:
    """`fingerprint` is of the comparison that the operator has seen."""
    begin(acting, fingerprint, reason)
    _record_rights(acting)


def begin(acting: Acting, fingerprint: str, reason: str) -> None:
    """The acceptance itself, in one transaction. The registrar's next start would record the rights."""
    acting.require(Right.ACCEPT_REGISTRY)
    why = typed_texts.reason_text(reason, required=True)
    site = acting.site
    with site.registry.watched() as is_unchanged:
        found = comparison(site, site.key)
        if not found.can_be_accepted:
            raise Conflict(N_("The list of badges matches the log; there is nothing to accept."))
        with site.registry.write() as db:
            if found.fingerprint != fingerprint or not is_unchanged():
                raise Conflict(
                    N_("What differs has changed in the meantime; compare again before you accept it.")
                )
            _refuse_differing_account(acting, db)
            _accept(acting, db, found, why)


def _refuse_differing_account(acting: Acting, db: Connection) -> None:
    """An older registry must not decide who may accept it; root may in any case."""
    if acting.operator.id == MACHINE.id:
        return
    account = Subject(SubjectKind.OPERATOR, acting.operator.id)
    on_record = acting.site.journal.rights_in_force([account])[account]
    if on_record is None or rights_now(db, [account])[account] != on_record:
        raise Conflict(
            N_(
                "Your account differs from the log, so you cannot accept the list; another administrator "
                "can, or root with `genkan registry accept`."
            )
        )


def _accept(acting: Acting, db: Connection, found: RegistryComparison, why: str) -> None:
    before, now, cancelled = (
        begin_in_place_of(db, None)
        if found.mark is None
        else begin_in_place_of(db, found.mark.registry_id, found.mark.last_action)
    )
    acting.record(
        db,
        ActionType.REGISTRY_ACCEPTED,
        "registry",
        now,
        before={"registry": before},
        after={"differences": found.differing},
        reason=why,
    )
    # The door regards actions before the acceptance as recorded already, so these come after it.
    for person in cancelled:
        acting.record(db, ActionType.ERASURE_CANCELLED, "person", person)
    for kind in _ENDED:
        alarms.acknowledge_kind(acting, db, kind, why)


def _record_rights(acting: Acting) -> None:
    """The list is accepted already, so the rights are recorded even if the operator's session has ended."""
    check = before_write.set(None)
    try:
        found_rights.record_found(acting.site, acting.moment)
    except GenkanError as error:
        raise InstallerError(
            f"The list of badges is accepted, but not all its rights could be recorded ({error}); restart "
            "the registrar, which records the rest."
        ) from error
    finally:
        before_write.reset(check)

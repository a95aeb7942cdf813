"""Records the rights that a registry already holds, once: those from before an upgrade, and those of a
backup.
"""

from collections.abc import Callable

from controller.model.moment import Moment
from controller.model.operators import MACHINE
from controller.model.orders import ActionType
from controller.model.recorded_rights import SubjectKind, rights_text
from controller.registry import actions, found_rights
from controller.services.site import Site

_PIECES_AT_ONCE = 10  # in one transaction, while others wait to write


def record_found(site: Site, now: Moment, is_ended: Callable[[], bool] = lambda: False) -> None:
    """Only the first start of a registry has anything to do. Another call continues where one ended early."""
    while not is_ended() and _record_some(site, now):
        pass


def _record_some(site: Site, now: Moment) -> bool:
    """Return whether there is more."""
    registry_id = site.registry.id()
    with site.registry.housekeeping() as db:
        for _ in range(_PIECES_AT_ONCE):
            piece = found_rights.next_piece(db, registry_id)
            if piece is None:
                return False
            is_last = piece[-1].subject.kind is SubjectKind.FOUND
            actions.record(
                db,
                MACHINE,
                now.utc,
                action=ActionType.RIGHTS_FOUND if is_last else ActionType.RIGHTS_RECORDED,
                object_type="registry",
                object_id=registry_id,
                rights=rights_text(piece),
            )
    return True

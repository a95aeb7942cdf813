"""The card that the door learned for an order; only the operator who gave the order can read it."""

from controller.errors import N_, NotFound
from controller.journal.query import LogEntry
from controller.model.credentials import CredentialKind
from controller.model.events import EventType
from controller.model.orders import Order
from controller.registry import orders
from controller.services.acting import Acting
from controller.services.people.enrolment import Card
from controller.services.site import Site


def own_order(acting: Acting, order_id: int) -> Order:
    """Raise NotFound for an order of another operator, so that it stays hidden."""
    with acting.site.registry.read() as db:
        order = orders.order(db, order_id)
    if order is None or order.operator_id != acting.operator.id:
        raise NotFound(N_("You have no such order; order it again."))
    return order


def answer(site: Site, order_id: int) -> LogEntry | None:
    """The door's record about the order; None while there is none."""
    return site.journal.order_outcome(site.registry.id(), order_id)


def card_of(acting: Acting, order_id: int) -> Card | None:
    own_order(acting, order_id)
    entry = answer(acting.site, order_id)
    return None if entry is None else card_in(entry)


def card_in(entry: LogEntry) -> Card | None:
    """None if the door refused the order, or it was not an order to learn a badge."""
    details = entry.details or {}
    if entry.type != EventType.ORDER_DONE or "card_hash" not in details:
        return None
    return Card(
        bytes.fromhex(str(details["card_hash"])),
        str(details["last_four"]),
        CredentialKind(str(details["kind"])),
    )

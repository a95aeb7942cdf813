"""Orders to the door: unlock once, learn the next badge, give a reader its key; and their outcome."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from controller.errors import N_, BadInput, Conflict, NotFound, Throttled
from controller.model.credentials import CredentialKind
from controller.model.events import EventType
from controller.model.moment import Moment
from controller.model.orders import ActionType, Order, OrderType
from controller.model.reasons import OrderRefusal
from controller.registry import badges
from controller.registry import orders as rows
from controller.registry.database import Connection
from controller.services import typed_texts
from controller.services.acting import Acting
from controller.services.doors import lockdown
from controller.services.doors.now import door_service_runs, door_state
from controller.services.people import learned_cards
from controller.services.registry_rollback import must_be_accepted
from controller.services.rights import Right

UNLOCKS_A_MINUTE = 6  # per operator, so that a stolen session cannot admit a crowd
UNLOCK_LIMIT = timedelta(seconds=5)
INSTALL_LIMIT = timedelta(seconds=5)
LEARN_LIMIT = timedelta(seconds=30)
_ACTIONS = {
    OrderType.UNLOCK_ONCE: ActionType.UNLOCK_ORDERED,
    OrderType.LEARN_BADGE: ActionType.LEARN_ORDERED,
    OrderType.OPEN_INSTALL: ActionType.INSTALL_ORDERED,
}
_ANSWER_TIME_MS = 2000  # the door records a refusal a moment after the limit


class OrderState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    NO_ANSWER = "no_answer"  # the limit passed without a record from the door service


@dataclass(frozen=True, slots=True)
class OrderOutcome:
    """`last_four` and `kind` are those of a learned card; `badge_id` is set if it is already enrolled."""

    order_id: int
    state: OrderState
    refusal: OrderRefusal | None = None
    last_four: str | None = None
    kind: CredentialKind | None = None
    badge_id: str | None = None


def unlock_once(
    acting: Acting,
    door: str,
    reason: str,
    despite_lockdown: bool = False,
) -> int:
    """Return the order's id. A reason is required. Raise Conflict if the door service is not running.

    For a door under lockdown, the operator must set `despite_lockdown` and have the right to end lockdowns.
    """
    acting.require(Right.UNLOCK_ONCE)
    if door not in acting.site.config.doors:
        raise NotFound(N_("There is no door {door} in genkan.toml; choose another."), door=door)
    why = typed_texts.reason_text(reason, required=True)
    if despite_lockdown:
        acting.require(Right.LOCK_DOWN)
    return _order(
        acting,
        OrderType.UNLOCK_ONCE,
        UNLOCK_LIMIT,
        door=door,
        reason=why,
        despite_lockdown=despite_lockdown,
    )


def learn_badge(acting: Acting, reader: str) -> int:
    """Learn the next card at `reader` within 30 s instead of admitting it; return the order's id."""
    acting.require(Right.EDIT_PEOPLE)
    if reader not in acting.site.config.readers:
        raise NotFound(N_("There is no reader {reader} in genkan.toml; choose another."), reader=reader)
    return _order(acting, OrderType.LEARN_BADGE, LEARN_LIMIT, reader=reader)


def open_install(acting: Acting, reader: str, ready: bool) -> int:
    """Give the reader a new key and ten minutes to accept it; return the order's id.

    `ready`: the operator confirms that the reader is in install mode.
    """
    acting.require(Right.INSTALL_READERS)
    config = acting.site.config.readers.get(reader)
    if config is None or not config.path.startswith("osdp:"):
        raise NotFound(N_("There is no OSDP reader {reader} in genkan.toml; choose another."), reader=reader)
    if not ready:
        raise BadInput("ready", N_("Set the reader to install mode first, then tick the box."))
    return _order(acting, OrderType.OPEN_INSTALL, INSTALL_LIMIT, reader=reader)


def record_install(acting: Acting, reader: str) -> None:
    """Record an install done on the door's machine itself, without the door service."""
    acting.require(Right.INSTALL_READERS)
    with acting.site.registry.write() as db:
        acting.record(db, ActionType.INSTALL_ORDERED, "reader", reader)


def outcome(acting: Acting, order_id: int) -> OrderOutcome:
    """The order's outcome. Raise NotFound for an order of another operator."""
    order = learned_cards.own_order(acting, order_id)
    entry = learned_cards.answer(acting.site, order_id)
    if entry is None:
        return OrderOutcome(
            order_id, OrderState.NO_ANSWER if _has_expired(order, acting.moment) else OrderState.WAITING
        )
    if entry.type != EventType.ORDER_DONE:
        refusal = None if entry.reason is None else OrderRefusal(entry.reason)
        return OrderOutcome(order_id, OrderState.REFUSED, refusal)
    card = learned_cards.card_in(entry)
    if card is None:
        return OrderOutcome(order_id, OrderState.DONE)
    with acting.site.registry.read() as db:
        enrolled = badges.badge_with_hash(db, card.card_hash)
    return OrderOutcome(
        order_id=order_id,
        state=OrderState.DONE,
        refusal=None,
        last_four=card.last_four,
        kind=card.kind,
        badge_id=None if enrolled is None else enrolled.id,
    )


def _order(
    acting: Acting,
    type_: OrderType,
    limit: timedelta,
    door: str | None = None,
    reader: str | None = None,
    reason: str | None = None,
    despite_lockdown: bool = False,
) -> int:
    if not door_service_runs(acting.site.config.data):
        raise Conflict(
            N_("The door service is not running, so the order was not sent; start it and try again.")
        )
    state = door_state(acting.site)
    if state is not None and state.registry_rolled_back:
        raise must_be_accepted()
    unlock = type_ is OrderType.UNLOCK_ONCE
    with acting.site.registry.write() as db:
        locked = unlock and door in lockdown.locked_doors(acting.site, db)
        if locked and not despite_lockdown:
            raise BadInput(
                "despite_lockdown",
                N_("The area behind this door is under lockdown; tick the box to unlock it anyway."),
            )
        if unlock:
            _refuse_too_many(acting, db)
        order_id = rows.add_order(
            db,
            acting.operator,
            now=acting.moment,
            type_=type_,
            limit_ms=int(limit.total_seconds() * 1000),
            door=door,
            reader=reader,
            reason=reason,
        )
        acting.record(
            db,
            _ACTIONS[type_],
            "door" if unlock else "reader",
            door if unlock else reader,
            after={"order": order_id} | ({"despite_lockdown": True} if locked else {}),
            reason=reason,
        )
    return order_id


def _refuse_too_many(acting: Acting, db: Connection) -> None:
    since = rows.unlocks_since(db, acting.operator, acting.moment.boot, acting.moment.mono_ms - 60_000)
    if len(since) >= UNLOCKS_A_MINUTE:
        raise Throttled(
            N_("You have unlocked {most} times within a minute; wait {seconds} seconds."),
            most=UNLOCKS_A_MINUTE,
            seconds=-(-(since[-UNLOCKS_A_MINUTE] + 60_000 - acting.moment.mono_ms) // 1000),
        )


def _has_expired(order: Order, now: Moment) -> bool:
    return order.boot != now.boot or now.mono_ms > order.boottime_ms + order.limit_ms + _ANSWER_TIME_MS

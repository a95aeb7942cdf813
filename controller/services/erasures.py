"""People erased from the registry: how far the door has erased them from the log, and what follows."""

from dataclasses import dataclass
from datetime import datetime

from controller.errors import N_, GenkanError, NotFound
from controller.journal.erase import orders_key
from controller.journal.query import JournalReader
from controller.registry import erasures as rows
from controller.registry.database import Connection, Registry


@dataclass(frozen=True, slots=True)
class ErasureStatus:
    """`records` is the number of log records that lost their details; None until the door has done it."""

    person_id: str
    requested_utc: datetime
    operator_name: str
    reason: str
    records: int | None


def finish(registry: Registry, journal: JournalReader) -> None:
    """Delete the card hashes of people whose erasure the door has finished. Cheap if there are none."""
    with registry.read() as db:
        waiting = rows.unfinished(db, 1000)
    if not waiting:
        return
    try:
        key = orders_key(registry.id())
        done = [one.id for one in waiting if journal.order_outcome(key, one.id) is not None]
    except GenkanError:  # the log cannot be read now; a later call retries
        return
    if done:
        with registry.housekeeping() as db:
            rows.forget_cards(db, done)
        if registry.scrub():
            with registry.write() as db:  # new version: the door replaces its last good copy as well
                rows.settle(db, done)


def waiting(registry: Registry, journal: JournalReader) -> int:
    """The number of people whom the door has not erased from the log yet; 0 if the log cannot be read."""
    with registry.read() as db:
        pending = rows.unfinished(db, 1000)
    try:
        key = orders_key(registry.id())
        return sum(journal.order_outcome(key, one.id) is None for one in pending)
    except GenkanError:
        return 0


def of_person(registry: Registry, journal: JournalReader, person_id: str) -> ErasureStatus | None:
    """None for a person who was never erased."""
    with registry.read() as db:
        row = rows.erasure_of(db, person_id)
    if row is None:
        return None
    outcome = journal.order_outcome(orders_key(registry.id()), row.id)
    records = None if outcome is None else outcome.codes.get("records")
    return ErasureStatus(
        person_id=row.person,
        requested_utc=row.requested_utc,
        operator_name=row.operator_name,
        reason=row.reason,
        records=records if isinstance(records, int) else None,
    )


def refuse_erased(db: Connection, person_id: str) -> None:
    """Raise NotFound with the day of the erasure if this reference from the log is of an erased person."""
    row = rows.erasure_of(db, person_id)
    if row is not None:
        raise NotFound(
            N_("This person was erased on {day}; the records stay, without names."),
            day=row.requested_utc.date().isoformat(),
        )

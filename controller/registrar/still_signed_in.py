"""Checks a session once more in the transaction that changes something.

Between the first check and that transaction a password was hashed or the lock was awaited: meanwhile somebody
may have disabled the operator or ended the session.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from controller.errors import SessionEnded
from controller.model.operators import OperatorStatus
from controller.registry import sessions
from controller.registry.database import Connection, before_write
from controller.services.acting import Acting


@contextmanager
def checked_in_each_write(acting: Acting) -> Iterator[None]:
    """Each write within raises SessionEnded where the session, the account or its role is another one now."""

    def check(db: Connection) -> None:
        found = sessions.session(db, acting.token)
        if (
            found is None
            or found.operator.status is not OperatorStatus.ACTIVE
            or (found.operator.id, found.operator.role) != (acting.operator.id, acting.operator.role)
        ):
            raise SessionEnded

    token = before_write.set(check)
    try:
        yield
    finally:
        before_write.reset(token)

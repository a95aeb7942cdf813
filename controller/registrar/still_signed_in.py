"""Checks a session once more in the transaction that changes something.

Between the first check and that transaction a password was hashed or the lock was awaited: meanwhile somebody
may have disabled the operator or ended the session.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from controller.errors import SessionEnded
from controller.model.operators import OperatorStatus
from controller.registry import operators
from controller.registry.accounts import sessions
from controller.registry.database import Connection, before_write
from controller.services.acting import Acting
from controller.services.operators import both_files


@contextmanager
def checked_in_each_write(acting: Acting) -> Iterator[None]:
    """Each write within raises SessionEnded where the session, the account or its role is another one now."""

    def check(db: Connection) -> None:
        with both_files.read(acting.site) as accounts:
            found = sessions.session(accounts, acting.token)
        operator = None if found is None else operators.operator(db, found.operator_id)
        if (
            operator is None
            or operator.status is not OperatorStatus.ACTIVE
            or (operator.id, operator.role) != (acting.operator.id, acting.operator.role)
        ):
            raise SessionEnded

    token = before_write.set(check)
    try:
        yield
    finally:
        before_write.reset(token)

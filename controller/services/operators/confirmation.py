"""Proof that the same person is still at the browser: a request that opens a door needs the password again.

A session lasts for hours, and somebody else may walk up to a screen that was left unlocked.
"""

from datetime import timedelta

from controller.errors import N_, BadInput
from controller.model.operators import MACHINE
from controller.registry import operators, sessions
from controller.registry import sign_in_failures as failures
from controller.services.acting import Acting
from controller.services.operators import accounts, passwords, throttle

FRESH = timedelta(minutes=5)


def is_fresh(acting: Acting, token: str) -> bool:
    """Whether the operator typed this session's password within FRESH. Always true for the command line."""
    if acting.operator.id == MACHINE.id:
        return True
    with acting.site.registry.read() as db:
        confirmed = sessions.confirmed(db, token, acting.operator.id)
    return confirmed is not None and timedelta(0) <= acting.moment.utc - confirmed <= FRESH


def require_fresh(acting: Acting, token: str) -> None:
    if not is_fresh(acting, token):
        raise BadInput("password", N_("You signed in a while ago; type your password as well."))


def confirm(acting: Acting, token: str, password: str) -> None:
    """Raise BadInput for a wrong password; the limits of the sign-in apply (Throttled)."""
    browser, account = sessions.token_hash(token), failures.account_hash(acting.operator.name)
    with acting.site.registry.housekeeping() as db:
        stored = operators.password_hash(
            db, accounts.require_operator(operators.operator(db, acting.operator.id)).id
        )
        throttle.refuse_if_too_many(db, account, address="", browser=browser, utc=acting.moment.utc)
        failure = failures.add_failure(
            db, account, operator_id=acting.operator.id, browser=browser, utc=acting.moment.utc
        )
    if not passwords.matches(stored, password, acting.site.password_cost):
        raise BadInput("password", N_("This is not your password; type it again."))
    with acting.site.registry.housekeeping() as db:
        failures.drop_failure(db, failure)
        sessions.confirm(db, token, acting.moment.utc)

"""Proof that the same person is still at the browser: a request that opens a door needs the password again.

A session lasts for hours, and somebody else may walk up to a screen that was left unlocked.
"""

from datetime import timedelta

from controller.errors import N_, BadInput
from controller.model.moment import Moment
from controller.model.operators import MACHINE, Operator
from controller.registry import operators, sessions
from controller.registry import sign_in_failures as failures
from controller.services.site import Site
from controller.services.operators import accounts, passwords, throttle

FRESH = timedelta(minutes=5)


def is_fresh(site: Site, operator: Operator, now: Moment, token: str) -> bool:
    """Whether the operator typed this session's password within FRESH. Always true for the command line."""
    if operator.id == MACHINE.id:
        return True
    with site.registry.read() as db:
        confirmed = sessions.confirmed(db, token, operator.id)
    return confirmed is not None and timedelta(0) <= now.utc - confirmed <= FRESH


def require_fresh(site: Site, operator: Operator, now: Moment, token: str) -> None:
    if not is_fresh(site, operator, now, token):
        raise BadInput("password", N_("You signed in a while ago; type your password as well."))


def confirm(site: Site, operator: Operator, now: Moment, token: str, password: str) -> None:
    """Raise BadInput for a wrong password; the limits of the sign-in apply (Throttled)."""
    browser, account = sessions.token_hash(token), failures.account_hash(operator.name)
    with site.registry.housekeeping() as db:
        stored = operators.password_hash(
            db, accounts.require_operator(operators.operator(db, operator.id)).id
        )
        throttle.refuse_if_too_many(db, account, "", browser, now.utc)
        failure = failures.add_failure(db, account, operator.id, "", browser, now.utc)
    if not passwords.matches(stored, password, site.password_cost):
        raise BadInput("password", N_("This is not your password; type it again."))
    with site.registry.housekeeping() as db:
        failures.drop_failure(db, failure)
        sessions.confirm(db, token, now.utc)

"""Proof that the same person is still at the browser: the password again.

A session lasts for hours, and somebody else may walk up to a screen that was left unlocked.
"""

from controller.errors import N_, BadInput
from controller.registry.accounts import passwords as password_rows
from controller.registry.accounts import sessions
from controller.registry.accounts import sign_in_failures as failures
from controller.services.acting import Acting
from controller.services.operators import both_files, passwords, throttle


def confirm(acting: Acting, token: str, password: str) -> None:
    """Raise BadInput for a wrong password; the limits of the sign-in apply (Throttled)."""
    browser, account = sessions.token_hash(token), failures.account_hash(acting.operator.name)
    with both_files.write_accounts(acting.site) as db:
        stored = password_rows.password_hash(db, acting.operator.id)
        throttle.refuse_if_too_many(db, account, address="", browser=browser, utc=acting.moment.utc)
        failure = failures.add_failure(
            db, account, operator_id=acting.operator.id, browser=browser, utc=acting.moment.utc
        )
    if not passwords.matches(stored, password, acting.site.password_cost):
        raise BadInput("password", N_("This is not your password; enter it again."))
    with both_files.write_accounts(acting.site) as db:
        failures.drop_failure(db, failure)
        sessions.confirm(db, token, acting.moment.utc)

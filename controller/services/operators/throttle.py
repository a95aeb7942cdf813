"""Limits on failed sign-ins, counted in the registry so that they survive a restart.

The caller records each try as failed before it checks the password, and deletes the record after a success,
so that a thousand simultaneous tries count too. A browser that signed in before has its own count: an
attacker who locks an account from elsewhere does not lock out its owner.
"""

from datetime import datetime, timedelta

from controller.errors import N_, Throttled
from controller.registry import sign_in_failures as failures
from controller.registry.database import Connection

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10  # in the window; also for a known browser
PER_ADDRESS = 50  # in the window: several people may sit behind one address
IN_ALL = 100  # until an administrator sets the password


def refuse_if_too_many(
    db: Connection, account: bytes, address: str, browser: bytes | None, utc: datetime
) -> None:
    """Raise Throttled if this try exceeds a limit."""
    since = utc - WINDOW
    if browser is not None:
        _refuse(failures.browser_failures(db, browser, since), PER_ACCOUNT, utc)
        if failures.browser_failures(db, browser)[0] >= IN_ALL:
            raise _locked()
        return
    _refuse(failures.account_failures(db, account, since), PER_ACCOUNT, utc)
    _refuse(failures.address_failures(db, address, since), PER_ADDRESS, utc)
    if failures.account_failures(db, account)[0] >= IN_ALL:
        raise _locked()


def _refuse(counted: tuple[int, datetime | None], most: int, utc: datetime) -> None:
    count, oldest = counted
    if count >= most and oldest is not None:
        seconds = round((oldest + WINDOW - utc).total_seconds())
        raise Throttled(
            N_("Too many failed sign-ins; try again in {seconds} seconds."),
            seconds=min(max(seconds, 1), int(WINDOW.total_seconds())),
        )


def _locked() -> Throttled:
    return Throttled(
        N_(
            "Too many failed sign-ins for this account; an administrator must set a new password "
            "(at the machine: genkan operator reset)."
        )
    )

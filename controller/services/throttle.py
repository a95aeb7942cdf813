"""How many sign-ins may fail: the limits, kept in the registry so that they survive a restart.

A try is written down as failed before the password is looked at and taken back when it was right, so that a
thousand tries at once are counted as well. A browser that signed in before is counted by itself: whoever
locks an account from elsewhere does not lock its owner out.
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
    """Raise Throttled when this try must not be made."""
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

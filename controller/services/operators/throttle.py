"""Limits on failed sign-ins, counted in accounts.db so that they survive a restart.

The caller records each try as failed before it checks the password, and deletes the record after a success,
so that a thousand simultaneous tries count too. A browser that signed in before has its own count: an
attacker who locks an account from elsewhere does not lock out its owner. An address is never locked, because
a whole office may be behind it: after many failures it waits a little longer from one try to the next.
"""

import math
from datetime import datetime, timedelta

from controller.errors import N_, Throttled
from controller.registry.accounts import sign_in_failures as failures
from controller.registry.database import Connection

WINDOW = timedelta(minutes=15)
PER_ACCOUNT = 10  # in the window; also for a known browser
FREE_AT_ADDRESS = 20  # in the window; each further failure doubles the wait after it
LONGEST_WAIT = timedelta(seconds=30)  # of an address, from its newest failure to the next try
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
    if failures.account_failures(db, account)[0] >= IN_ALL:
        raise _locked()
    _hold_back(failures.address_failures(db, address, since, utc), utc)


def _hold_back(counted: tuple[int, datetime | None], utc: datetime) -> None:
    count, newest = counted
    if count <= FREE_AT_ADDRESS or newest is None:
        return
    wait = min(timedelta(seconds=2 ** min(count - FREE_AT_ADDRESS - 1, 10)), LONGEST_WAIT)
    if newest + wait > utc:
        raise Throttled(
            N_("Many sign-ins from this address failed; try again in {seconds} seconds."),
            seconds=math.ceil((newest + wait - utc).total_seconds()),
        )


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

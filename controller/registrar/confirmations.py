"""Whether the operator typed the password with a request, or recently in this session."""

import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from controller.errors import BadInput, ConfirmationNeeded
from controller.registry.accounts import sessions
from controller.services.acting import Acting
from controller.services.operators import both_files, confirmation
from controller.services.requests.request import Confirm, Proof

RENEWED = timedelta(minutes=10)  # between two requests that need a recent confirmation
LONGEST = timedelta(minutes=60)  # from the password on
_MOST_SESSIONS = 1000


class _Renewal(NamedTuple):
    """A request used the password that was typed at `typed`, last at `used`."""

    typed: datetime
    used: datetime


class Confirmed:
    """Threads may share it. It forgets with the process; then the operator types the password again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._renewals: dict[str, _Renewal] = {}  # by session

    def require(self, acting: Acting, needed: Confirm) -> Proof | None:
        """Return what confirms the request, None where it needs nothing.

        Raise ConfirmationNeeded, or Throttled after too many wrong passwords.
        """
        if needed is Confirm.NEVER:
            return None
        each_time = needed is Confirm.EACH_TIME
        if acting.password:
            try:
                confirmation.confirm(acting, acting.token, acting.password)
            except BadInput as error:
                raise ConfirmationNeeded(each_time, is_wrong=True) from error
            return Proof.PASSWORD
        if each_time or not self._renew(acting):
            raise ConfirmationNeeded(each_time)
        return Proof.RECENT_PASSWORD

    def _renew(self, acting: Acting) -> bool:
        """Whether the password was typed recently; then this request renews it."""
        with both_files.read(acting.site) as db:
            typed = sessions.confirmed(db, acting.token, acting.operator.id)
        if typed is None:
            return False
        now = acting.moment.utc
        with self._lock:
            last = self._renewals.pop(acting.token, None)
            used = last.used if last is not None and last.typed == typed else typed
            if not (timedelta(0) <= now - used <= RENEWED and now - typed <= LONGEST):
                return False
            while len(self._renewals) >= _MOST_SESSIONS:
                del self._renewals[next(iter(self._renewals))]
            self._renewals[acting.token] = _Renewal(typed, now)
        return True

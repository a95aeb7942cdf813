"""Whether the operator typed the password with a request, or recently in this session."""

import threading
from datetime import datetime, timedelta

from controller.errors import BadInput, ConfirmationNeeded
from controller.registry.accounts import sessions
from controller.services.acting import Acting
from controller.services.operators import both_files, confirmation
from controller.services.requests.request import Confirm, Proof

RENEWED = timedelta(minutes=10)  # between two requests that need a recent confirmation
LONGEST = timedelta(minutes=60)  # from the password on
_MOST_SESSIONS = 1000


class Confirmed:
    """Threads may share it. It forgets with the process; then the operator types the password again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_used: dict[str, datetime] = {}  # by session: the last request that needed a confirmation

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
        elif each_time or not self.is_recent(acting):
            raise ConfirmationNeeded(each_time)
        with self._lock:
            self._last_used.pop(acting.token, None)
            while len(self._last_used) >= _MOST_SESSIONS:
                del self._last_used[next(iter(self._last_used))]
            self._last_used[acting.token] = acting.moment.utc
        return Proof.PASSWORD if acting.password else Proof.RECENT_PASSWORD

    def is_recent(self, acting: Acting) -> bool:
        with both_files.read(acting.site) as db:
            typed = sessions.confirmed(db, acting.token, acting.operator.id)
        if typed is None:
            return False
        used = max(typed, self._last_used.get(acting.token, typed))
        now = acting.moment.utc
        return timedelta(0) <= now - used <= RENEWED and now - typed <= LONGEST

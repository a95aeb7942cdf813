"""The key of card numbers and PINs. Without it the door knows no badge, so the door retries.

The door starts without it: exit buttons, outward readers and fire need no key.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from controller.errors import InstallerError
from controller.model.credentials import CardNumber
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.registry.card_hash import card_hash, load_key

log = logging.getLogger(__name__)


class NumberKey:
    """`hash` and `read` may be called from any thread, `poll` belongs to the decide thread."""

    def __init__(
        self,
        keys: Path,
        record: Callable[[Event], None],
        set_state: Callable[..., None] = lambda **changes: None,
    ) -> None:
        """`keys` is DATA/keys; `set_state` is `StateFile.set`."""
        self._keys = keys
        self._record = record
        self._set_state = set_state
        self._key: bytes | None = None
        self._is_missing = False

    def read(self) -> bytes:
        """Raises InstallerError while the file cannot be read."""
        if self._key is None:
            self._key = load_key(self._keys)
        return self._key

    def hash(self, number: CardNumber) -> bytes:
        """Raises InstallerError without a key."""
        return card_hash(self.read(), number)

    def poll(self, now: Moment) -> None:
        """Once a second: raise the alarm when the key is missing, and record its return."""
        try:
            self.read()
        except InstallerError as error:
            if not self._is_missing:
                self._is_missing = True
                log.error("%s The door refuses every badge on the way in until then.", error)
                self._set_state(card_number_key="unreadable")
                self._record(Event(EventType.CARD_NUMBER_KEY_UNREADABLE, now))
            return
        if self._is_missing:
            self._is_missing = False
            log.warning("the card number key can be read again")
            self._set_state(card_number_key="ok")
            self._record(Event(EventType.CARD_NUMBER_KEY_READABLE, now))

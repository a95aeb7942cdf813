"""What key a badge has to prove, asked by the readers' threads while the card lies on the reader.

One indexed SELECT and one unwrapping (a fifth of a millisecond on a small machine); no unwrapped key is kept.
Where the registry cannot be read the last good copy answers. A key that cannot be unwrapped is as none: the
badge counts by its number, and an alarm tells the technician.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from controller.errors import GenkanError
from controller.issuing import door_key
from controller.issuing.wrapping import CannotUnwrap, DoorPrivateKey
from controller.model.card_keys import CardKey, weakness
from controller.model.credentials import CardNumber
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.registry.card_keys import WrappedKey
from controller.registry.lookup import Lookup
from controller.runtime.last_good import LastGood

if TYPE_CHECKING:
    from controller.journal.append import Journal

log = logging.getLogger(__name__)


class CardKeys:
    """Safe to ask from any thread; one answer at a time."""

    def __init__(
        self,
        open_lookup: Callable[[], Lookup],
        keys: Path,
        hash_number: Callable[[CardNumber], bytes],
        last_good: LastGood,
        record: Callable[[Event], object],
        now: Callable[[], Moment],
    ) -> None:
        """`keys` is DATA/keys."""
        self._open_lookup, self._keys, self._hash_number = open_lookup, keys, hash_number
        self._last_good, self._record, self._now = last_good, record, now
        self._guard = threading.Lock()
        self._lookup: Lookup | None = None
        self._private: DoorPrivateKey | None = None
        self._told: set[str] = set()
        self._warm = False

    def key_of(self, reader: str, number: CardNumber) -> CardKey | None:
        """None for a badge that counts by its number only."""
        with self._guard:
            held = self._held(self._hash_number(number))
            return None if held is None else self._unwrapped(number, held)

    def warm(self, journal: "Journal") -> bool:
        """A chore: what the first tap would otherwise wait for, and an alarm before anybody is refused."""
        if self._warm:
            return False
        self._warm = True
        with self._guard:
            self._look_at_all()
        return False

    def close(self) -> None:
        with self._guard:
            self._let_go()

    def _held(self, card_hash: bytes) -> WrappedKey | None:
        try:
            return self._opened().card_key(card_hash)
        except GenkanError:
            self._let_go()
        try:
            return self._last_good.ask(lambda copy: copy.card_key(card_hash))
        except GenkanError:  # the tap itself will be refused for want of a registry
            return None

    def _opened(self) -> Lookup:
        if self._lookup is not None and self._lookup.is_replaced():
            self._let_go()
        if self._lookup is None:
            self._lookup = self._open_lookup()
        return self._lookup

    def _let_go(self) -> None:
        lookup, self._lookup = self._lookup, None
        if lookup is not None:
            with contextlib.suppress(GenkanError):
                lookup.close()

    def _unwrapped(self, number: CardNumber, held: WrappedKey) -> CardKey | None:
        private = self._loaded()
        if private is None:
            return None
        try:
            key = private.unwrap(number, held.version, held.wrapped)
        except CannotUnwrap:
            self._tell("another_door" if held.door != private.public.id else "damaged")
            return None
        if weakness(key) is not None:
            self._tell("weak")
            return None
        return CardKey(key, held.version)

    def _loaded(self) -> DoorPrivateKey | None:
        if self._private is None:
            try:
                self._private = door_key.load_private(self._keys)
            except door_key.NoDoorKey as error:
                log.error("%s", error)
                self._tell("no_private_key")
            except ImportError as error:
                log.error("the Python package cryptography cannot be used (%s); install it", error)
                self._tell("no_private_key")
        return self._private

    def _look_at_all(self) -> None:
        """Whether there are keys that this door cannot use."""
        try:
            lookup = self._opened()
            if not lookup.foreign_card_keys(""):
                return
            private = self._loaded()
            if private is not None and lookup.foreign_card_keys(private.public.id):
                self._tell("another_door")
        except GenkanError:
            self._let_go()

    def _tell(self, cause: str) -> None:
        """Once for each cause until the door starts anew: an alarm stays until it is acknowledged."""
        if cause in self._told:
            return
        self._told.add(cause)
        log.error("keys of badges cannot be used here (%s); they count by their number only", cause)
        self._record(Event(EventType.CARD_KEYS_UNUSABLE, self._now(), codes={"cause": cause}))

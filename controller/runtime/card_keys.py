"""Finds the key that a badge must prove. The readers' threads call it while the card is on the reader.

One indexed SELECT and one unwrapping (0.2 ms on a small computer); no unwrapped key is kept. A question that
hangs on the disk delays no other reader: the next one opens a connection of its own. If the registry cannot
be read, the last good copy answers. The copy may lack a key that the badge has by now, so the decide thread
then uses the record that it finds itself.

A badge with an unusable key is refused and an alarm names it: otherwise anyone who can write into the
station's file could turn it into a copyable number. Only if the door can use no key at all do all badges
count by their number, since otherwise nobody could enter.
"""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from controller.errors import GenkanError
from controller.issuing import door_key
from controller.issuing.wrapping import CannotUnwrap, DoorPrivateKey
from controller.model.card_keys import CardKey, FoundKey, NoUsableKey, UnknownKey, UnusableKey, weakness
from controller.model.credentials import CardNumber
from controller.model.events import Event, EventType, Json
from controller.model.moment import Moment
from controller.registry.card_keys import WrappedKey
from controller.registry.copy import Copy
from controller.registry.lookup import Lookup
from controller.registry.rights import key_source
from controller.runtime.last_good import LastGood

if TYPE_CHECKING:
    from controller.journal.append import Journal

log = logging.getLogger(__name__)
T = TypeVar("T")
_UNUSABLE, _UNKNOWN = UnusableKey(), UnknownKey()


class CardKeys:
    """Thread-safe."""

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
        self._guard = threading.Lock()  # no disk is read under it
        self._idle: Lookup | None = None
        self._private: DoorPrivateKey | None = None
        self._reported: set[tuple[str, bytes]] = set()
        self._warm = False

    def find_key(self, reader: str, number: CardNumber) -> FoundKey:
        """None for a badge without a key, which counts by its number. The answer names the row it is of:
        the decide thread compares that row with the log, and the answer with that row.
        """
        card_hash = self._hash_number(number)
        held, from_registry = self._query_with_source(lambda registry: registry.card_key(card_hash))
        if held is None:
            return None if from_registry else _UNKNOWN
        return self._unwrapped(reader, number, card_hash, held)

    def warm(self, journal: "Journal") -> bool:
        """A chore: does the first tap's slow work in advance, and raises an alarm before anybody is
        refused.
        """
        if self._warm:
            return False
        self._warm = True
        try:
            door_key.complete(self._keys)
        except (OSError, GenkanError, ImportError) as error:
            log.warning("the door's key pair cannot be completed (%s); run `genkan init` as root", error)
        self._check_all_keys()
        return False

    def close(self) -> None:
        """A connection in use is closed by the thread that uses it."""
        self._replace_idle(None)

    def _query(self, question: Callable[[Lookup | Copy], T]) -> T | None:
        return self._query_with_source(question)[0]

    def _query_with_source(self, question: Callable[[Lookup | Copy], T]) -> tuple[T | None, bool]:
        """The answer, and whether it comes from the registry itself. The decide thread has its own
        connection, which may be open while none can be opened here.
        """
        try:
            with self._lookup() as lookup:
                return question(lookup), True
        except GenkanError:
            pass
        try:
            return self._last_good.query(question), False
        except GenkanError:
            return None, False

    @contextlib.contextmanager
    def _lookup(self) -> Iterator[Lookup]:
        """The idle connection, or a new one where another thread uses that. After an error it is closed."""
        with self._guard:
            lookup, self._idle = self._idle, None
        if lookup is not None and lookup.is_replaced():
            _close(lookup)
            lookup = None
        if lookup is None:
            lookup = self._open_lookup()
        try:
            yield lookup
        except BaseException:
            _close(lookup)
            raise
        self._replace_idle(lookup)

    def _replace_idle(self, lookup: Lookup | None) -> None:
        with self._guard:
            before, self._idle = self._idle, lookup
        if before is not None:
            _close(before)

    def _unwrapped(
        self, reader: str, number: CardNumber, card_hash: bytes, held: WrappedKey
    ) -> CardKey | UnusableKey | NoUsableKey:
        source = key_source(held.version, held.wrapped, held.door, held.chip)
        private = self._loaded()
        if private is None:
            return NoUsableKey(source)
        own = private.public.id
        if held.door != own and self._query(lambda registry: _all_are_foreign(registry, own)):
            self._report("another_door")
            return NoUsableKey(source)
        try:
            key = private.unwrap(number, held.version, held.wrapped)
            if weakness(key) is None:
                return CardKey(key, held.version, source)
            cause = "weak"
        except ImportError as error:
            self._no_cryptography(error)
            return NoUsableKey(source)
        except CannotUnwrap:
            cause = "damaged" if held.door == own else "another_door"
        except Exception as error:  # no row content may turn its badge into a plain number
            log.error("the row of a badge's key cannot be parsed (%s)", type(error).__name__)
            cause = "damaged"
        self._report_badge(reader, card_hash, cause)
        return _UNUSABLE

    def _loaded(self) -> DoorPrivateKey | None:
        if self._private is None:
            try:
                self._private = door_key.load_private(self._keys)
            except door_key.NoDoorKey as error:
                log.error("%s", error)
                self._report("no_private_key")
            except ImportError as error:
                self._no_cryptography(error)
        return self._private

    def _no_cryptography(self, error: ImportError) -> None:
        log.error("the Python package cryptography cannot be used (%s); install it", error)
        self._report("no_private_key")

    def _check_all_keys(self) -> None:
        """Report keys that this door cannot use."""
        with contextlib.suppress(GenkanError), self._lookup() as lookup:
            if not lookup.foreign_card_keys(""):
                return
            private = self._loaded()
            if private is not None and lookup.foreign_card_keys(private.public.id):
                self._report("another_door")

    def _report(self, cause: str) -> None:
        """Once per cause until the door restarts: an alarm stays until someone acknowledges it."""
        if self._is_news(cause, b""):
            log.error("keys of badges cannot be used here (%s)", cause)
            self._record(Event(EventType.CARD_KEYS_UNUSABLE, self._now(), codes={"cause": cause}))

    def _report_badge(self, reader: str, card_hash: bytes, cause: str) -> None:
        """Once for each badge and cause."""
        if not self._is_news(cause, card_hash):
            return
        log.error("the key of a badge cannot be used (%s); reader %s refuses the badge", cause, reader)
        event = Event(EventType.CARD_KEYS_UNUSABLE, self._now(), reader=reader, codes={"cause": cause})
        found = self._query(lambda registry: registry.find(card_hash, ""))
        if found is not None:
            named: dict[str, Json] = {
                "name": found.cardholder.name,
                "last_four": found.credential.last_four,
            }
            event = replace(event, person=found.cardholder.id, credential=found.credential.id, details=named)
        self._record(event)

    def _is_news(self, cause: str, card_hash: bytes) -> bool:
        with self._guard:
            was_reported = (cause, card_hash) in self._reported
            self._reported.add((cause, card_hash))
        return not was_reported


def _close(lookup: Lookup) -> None:
    with contextlib.suppress(GenkanError):
        lookup.close()


def _all_are_foreign(registry: Lookup | Copy, own: str) -> bool:
    """As after a restore to another computer: no badge has a key for the door with this id."""
    return registry.foreign_card_keys("") == registry.foreign_card_keys(own)

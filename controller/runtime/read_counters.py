"""Whether what a card says at a reading has been heard before. Belongs to the decide thread.

The highest counter of each key is kept twice: here, from the moment a message is looked at, and in the
journal, written with the record of the tap and read again at the next start. A grant is released when its
record is durable, so the counter is durable before anybody walks in. A message whose MAC is wrong never comes
this far.
"""

from collections.abc import Callable, Mapping

from controller.model.readings import CardReading
from controller.model.unproved import Unproved


class ReadCounters:
    def __init__(self, earlier: Callable[[], Mapping[str, int] | None]) -> None:
        """`earlier`: what the journal had at the start; None while it cannot be read."""
        self._earlier = earlier
        self._highest: dict[str, int] = {}

    def register(self, reading: CardReading) -> Unproved | None:
        """Nothing up to this counter counts from now on; why this reading does not either, if it does not."""
        earlier = self._earlier()
        highest = max(self._highest.get(reading.key, -1), (earlier or {}).get(reading.key, -1))
        if reading.counter <= highest:
            return Unproved.REPLAYED
        self._highest[reading.key] = reading.counter
        return Unproved.UNCOUNTED if earlier is None else None

"""Whether a card's SUN reading was already used (replay). Belongs to the decide thread.

The highest counter of each key is kept twice: here, from the moment a reading is checked, and in the journal,
written with the record of the tap and read at the next start. A grant is released when its record is durable,
so the counter is durable before anybody enters. A reading with a wrong MAC never gets here.
"""

from collections.abc import Callable, Mapping

from controller.model.readings import CardReading
from controller.model.unproved import Unproved


class ReadCounters:
    def __init__(self, earlier: Callable[[], Mapping[str, int] | None]) -> None:
        """`earlier` returns the journal's counters at the start; None while it cannot be read."""
        self._earlier = earlier
        self._highest: dict[str, int] = {}

    def register(self, reading: CardReading) -> Unproved | None:
        """From now on no counter up to this one counts. Return why this reading does not count either, or
        None.
        """
        earlier = self._earlier()
        highest = max(self._highest.get(reading.key, -1), (earlier or {}).get(reading.key, -1))
        if reading.counter <= highest:
            return Unproved.REPLAYED
        self._highest[reading.key] = reading.counter
        return Unproved.UNCOUNTED if earlier is None else None

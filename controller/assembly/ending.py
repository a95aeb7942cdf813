"""The end of the door service: people can leave until the last step."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from controller.assembly.doors import DoorWiring
from controller.drivers.bridge_reader import BridgeReader
from controller.model.events import Event, EventType
from controller.model.moment import Moment
from controller.runtime.limits import StopLimits
from controller.runtime.recorder import Recorder
from controller.runtime.supervision import Supervision, join_within, threads_of


@dataclass(frozen=True)
class Ending:
    """Stops the threads and readers of the service in less time than TimeoutStopSec= of the unit.

    `carry_lock` are the readers that drive a lock, and all readers of their lines.
    """

    supervision: Supervision
    recorder: Recorder
    readers: Mapping[str, BridgeReader]
    carry_lock: Collection[str]
    wiring: DoorWiring
    now: Callable[[], Moment]
    within: StopLimits
    _stops: list[threading.Thread] = field(default_factory=list)  # each stops one reader

    def run(self) -> None:
        """While the log does not accept records, the door goes on: exits release, it refuses entries in time.
        Then entries end, then exits; locks are secured (fire keeps them released); the last record is that
        the service stopped. Readers that drive a lock, and those on the same line, stop after the exits,
        which release through them.
        """
        within, began = self.within, time.monotonic()
        self.recorder.wake()
        log_hangs = not self.supervision.completes_round("record", within.log_s)
        self._stop_readers(name for name in self.readers if name not in self.carry_lock)
        join_within(within.readers_s, self._stops)
        self.supervision.stop("decide", "last_good", "presence", "journal_watch", seconds=within.entries_s)
        self.wiring.close_contacts()
        self.supervision.stop("drive", seconds=within.exits_s)
        self._stop_readers(name for name in self.readers if name in self.carry_lock)
        died = self.supervision.died
        codes = {} if died is None else {"died": died}
        self.recorder.record(Event(EventType.SERVICE_STOPPED, self.now(), codes=codes))
        last_s = within.hanging_log_s if log_hangs else within.last_records_s
        self.supervision.stop("record", seconds=last_s)
        self.supervision.stop("state", seconds=within.state_s)
        left_s = began + within.quick_end_s - time.monotonic()
        join_within(max(within.slow_readers_s, left_s), self._stops)

    def _stop_readers(self, names: Iterable[str]) -> None:
        self._stops.extend(threads_of({f"stop of reader {name}": self.readers[name].stop for name in names}))

    @property
    def still_running(self) -> list[str]:
        """The threads that use files or pins of the service, after `run`; none, unless a disk hangs."""
        stops = [thread.name for thread in self._stops if thread.is_alive()]
        hanging = {name for reader in self.readers.values() for name in reader.hanging_threads}
        return [*self.supervision.running, *stops, *sorted(hanging)]

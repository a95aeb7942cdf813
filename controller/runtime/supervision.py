"""The door process's threads: started together, proved alive together, ended together.

A thread that dies takes the process with it; systemd starts it again with every lock secured. systemd is told
"alive" only when those that let people in and out have gone round since the last time (faults C2).
"""

import logging
import threading
from collections.abc import Collection, Mapping
from typing import Protocol

from controller.runtime.notify import notify

log = logging.getLogger(__name__)

PROVE_EVERY_S = 1.0


class Worker(Protocol):
    beat: int

    def run(self) -> None: ...

    def stop(self) -> None: ...


class Supervision:
    def __init__(self, workers: Mapping[str, Worker], proofs: Collection[str]) -> None:
        """`proofs` are the workers that must go round for systemd to be told that the door lives."""
        self._proofs = {name: workers[name] for name in proofs}
        self._workers = workers
        self._threads = {
            name: threading.Thread(target=self._guard, args=(name, worker), name=name, daemon=True)
            for name, worker in workers.items()
        }
        self._end = threading.Event()
        self.died: str | None = None

    def start(self) -> None:
        for thread in self._threads.values():
            thread.start()

    def wait(self) -> None:
        """Return when asked to end or when a thread died; prove life to systemd meanwhile."""
        seen = dict.fromkeys(self._proofs, -1)
        notify("READY=1")
        while not self._end.wait(PROVE_EVERY_S):
            now = {name: worker.beat for name, worker in self._proofs.items()}
            if all(now[name] != seen[name] for name in now):
                notify("WATCHDOG=1")
            seen = now
        notify("STOPPING=1")

    def end(self) -> None:
        """From a signal handler or another thread."""
        self._end.set()

    def stop(self, name: str, seconds: float = 5.0) -> None:
        """The worker finishes what waits for it; whoever feeds others is stopped first."""
        self._workers[name].stop()
        self._threads[name].join(seconds)
        if self._threads[name].is_alive():
            log.error("%s did not end within %.0f s", name, seconds)

    def _guard(self, name: str, worker: Worker) -> None:
        try:
            worker.run()
        except Exception:
            log.exception("%s died; the door process ends with every lock secured", name)
            self.died = name
            self._end.set()

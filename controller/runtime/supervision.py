"""The door process's threads: started together, watched together, ended together.

A thread that dies ends the process; systemd restarts it with every lock secured. The process reports "alive"
to systemd only if the threads that decide and drive have completed a round since the last report.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from controller.systemd import notify

log = logging.getLogger(__name__)

PROVE_EVERY_S = 1.0
_POLL_S = 0.005


class Worker(Protocol):
    beat: int

    def run(self) -> None: ...

    def stop(self) -> None: ...


def threads_of(works: Mapping[str, Callable[[], None]]) -> list[threading.Thread]:
    """Start all of it at the same time, each on a thread of its name."""
    threads = [threading.Thread(target=work, name=name, daemon=True) for name, work in works.items()]
    for thread in threads:
        thread.start()
    return threads


def join_within(seconds: float, threads: Iterable[threading.Thread]) -> None:
    """Wait this long for all of them together; `is_alive` then shows which have not ended."""
    until = time.monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))


class Supervision:
    def __init__(self, workers: Mapping[str, Worker], proofs: Collection[str]) -> None:
        """`proofs` are the workers that must complete rounds for the watchdog report."""
        self._proofs = {name: workers[name] for name in proofs}
        self._workers = workers
        self._threads = {
            name: threading.Thread(target=self._guard, args=(name, worker), name=name, daemon=True)
            for name, worker in workers.items()
        }
        self._end = threading.Event()
        self._pause = threading.Event()  # never set
        self.died: str | None = None

    def start(self, *names: str) -> None:
        for name in names:
            self._threads[name].start()

    def wait(self, are_alive: Callable[[], bool] = lambda: True) -> None:
        """Return when `end` is called or a thread dies; report to systemd's watchdog meanwhile, unless
        `are_alive` finds a thread beside the workers that hangs.
        """
        seen = dict.fromkeys(self._proofs, -1)
        notify("READY=1")
        while not self._end.wait(PROVE_EVERY_S):
            now = {name: worker.beat for name, worker in self._proofs.items()}
            if are_alive() and all(now[name] != seen[name] for name in now):
                notify("WATCHDOG=1")
            seen = now
        notify("STOPPING=1")

    def end(self) -> None:
        """From a signal handler or another thread."""
        self._end.set()

    @property
    def running(self) -> list[str]:
        """The workers whose thread is alive: it may use any of their files or pins."""
        return [name for name, thread in self._threads.items() if thread.is_alive()]

    def stop(self, *names: str, seconds: float) -> None:
        """Ask these workers to finish their waiting work, and wait this long for all of them to end."""
        for name in names:
            self._workers[name].stop()
        until = time.monotonic() + seconds
        for name in names:
            if self._threads[name].is_alive():
                self._threads[name].join(max(0.0, until - time.monotonic()))
            if self._threads[name].is_alive():
                log.error("%s did not end within %.0f s", name, seconds)

    def completes_round(self, name: str, seconds: float) -> bool:
        """Wait until this worker begins its next round, at most `seconds`; False if it hangs."""
        seen, until = self._workers[name].beat, time.monotonic() + seconds
        while self._threads[name].is_alive() and self._workers[name].beat == seen:
            if time.monotonic() > until:
                return False
            self._pause.wait(_POLL_S)
        return True

    def _guard(self, name: str, worker: Worker) -> None:
        try:
            worker.run()
        except Exception:
            log.exception("%s died; the door process ends with every lock secured", name)
            self.died = name
            self._end.set()

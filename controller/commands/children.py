"""Run the services under one foreground process: start them, restart them when they die, end both."""

import contextlib
import ctypes
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from controller.services.data_folder.owners import ProcessOwner

BACK_OFF_S = (0.25, 0.5, 1.0, 2.0, 5.0)
HEALTHY_S = 10.0  # a service that ends later counts as healthy until then
_PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """prctl(2): the kernel ends the service when this process is killed outright."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    def __init__(
        self,
        name: str,
        command: list[str],
        healthy_s: float = HEALTHY_S,
        identity: "ProcessOwner | None" = None,
    ) -> None:
        """With an `identity`, which only root may give, the service runs as another user."""
        self.name = name
        self._command = command
        self._identity = identity
        self._healthy_s = healthy_s
        self._failures = 0
        self._started = 0.0
        self._restart_at: float | None = None
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        self._started = time.monotonic()
        self._restart_at = None
        identity = self._identity
        return subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,
            user=None if identity is None else identity.uid,
            group=None if identity is None else identity.gid,
            extra_groups=None if identity is None else sorted(identity.groups),
        )

    def restart_if_ended(self) -> None:
        """Restart the service if it has ended, after a pause that grows with each early failure."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        if self._restart_at is None:
            self._failures = 0 if now - self._started > self._healthy_s else self._failures
            pause = BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
            self._failures += 1
            self._restart_at = now + pause
            click.echo(
                f"genkan: the {self.name} service ended ({self.process.returncode}); "
                f"starting it again in {pause} s.",
                err=True,
            )
        elif now >= self._restart_at:
            self.process = self._start()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()

    def wait_end(self, seconds: float) -> None:
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Stopped(Exception):
    """SIGTERM or SIGINT arrived."""


# Signals that arrived. An exception of a handler is lost when it interrupts a finaliser, so each turn checks.
_arrived: list[int] = []


@contextlib.contextmanager
def stop_signals() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        _arrived.append(number)
        raise Stopped

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    except Stopped:
        pass
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _arrived.clear()


def wait_until_ready(children: list[Child], ready: Callable[[], bool], seconds: float) -> str | None:
    """Wait for `ready`. Return the name of a child that ended first, which printed its error, or None."""
    deadline = time.monotonic() + seconds
    while not ready():
        _raise_if_stopped()
        for child in children:
            if child.process.poll() is not None:
                return child.name
        if time.monotonic() > deadline:
            return "web"
        time.sleep(0.05)
    return None


def keep_running(children: list[Child]) -> None:
    while True:
        _raise_if_stopped()
        for child in children:
            child.restart_if_ended()
        time.sleep(0.2)


def _raise_if_stopped() -> None:
    if _arrived:
        raise Stopped

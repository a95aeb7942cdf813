"""Fails a test that starts a child process without the marker `process` or `browser`.

So what `make test-fast` leaves out is decided by the markers, and every run of the suite holds them to it.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# What the interpreter reports before a child process exists. `ctypes.util` and `multiprocessing` start theirs
# through `subprocess` or `os.fork`; a test that calls `_posixsubprocess` by itself would not be noticed.
STARTS = frozenset(
    (
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "pty.spawn",
        "subprocess.Popen",
    )
)


class ChildProcessRefused(RuntimeError):
    """A test without the marker started a child process."""


class ChildGuard:
    """An audit hook cannot be removed, so there is one for the whole run, which `refusing` turns on."""

    def __init__(self) -> None:
        self.refused: list[str] = []
        self._on = False
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._on and event in STARTS:
            what = f"{event} {arguments[0]!r}" if arguments else event
            self.refused.append(what)
            raise ChildProcessRefused(
                f"{what}: mark the test with @pytest.mark.process, or start no child process"
            )

    @contextmanager
    def refusing(self) -> Iterator[None]:
        self.refused.clear()
        self._on = True
        try:
            yield
        finally:
            self._on = False

"""Fail a test that starts a child process without the marker `process` or `browser`.

`make test-fast` chooses tests by these markers, so every run of the suite checks them.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Audit events before a child process exists. `ctypes.util` and `multiprocessing` start theirs through
# `subprocess` or `os.fork`; the guard does not notice a test that calls `_posixsubprocess` itself.
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
    """One audit hook for the whole run, because a hook cannot be removed; `refusing` turns it on."""

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

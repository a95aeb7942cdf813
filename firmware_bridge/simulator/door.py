"""The outside of the virtual doors: actions of a hand, a button or the fire panel, requested over a Unix
socket.

The door process serves; `genkan sim` sends requests. Contact and fire are remembered in state.json, because a
door left open is still open after a restart.
"""

import contextlib
import json
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

MAX_REQUEST = 1024
REX_SECONDS = 0.5
_INPUTS = {
    "open": ("contact", True),
    "close": ("contact", False),
    "fire on": ("fire", True),
    "fire off": ("fire", False),
}
_HELD = {"rex on": True, "rex off": False}  # a finger on the button; a restart does not remember it
REQUESTS = (*_INPUTS, "rex", *_HELD)
OF_A_DOOR = ("open", "close", "rex", *_HELD)
_AT_REST = {"contact": False, "fire": False}
_MISSING = {"contact": "door_contact_pin", "rex": "rex_pin"}
_NO_DOORS: Mapping[str, Collection[str]] = {}


def state(folder: Path) -> dict[str, bool]:
    """Return {"contact": open?, "fire": burning?}; at rest if the file is missing or invalid.

    "contact" is that of the first door that has one; another door's is "contact:" and its name.
    """
    try:
        stored = json.loads((folder / "state.json").read_bytes())
        others = {name: is_on is True for name, is_on in stored.items() if name.startswith("contact:")}
        return {name: stored[name] is True for name in _AT_REST} | others
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return dict(_AT_REST)


def request(folder: Path, do: str, door: str = "") -> None:
    """Do `do` to a virtual door of `folder`; raises ValueError or OSError with one sentence if that fails.

    Without `door`, to the first door that has the input.
    """
    if do not in REQUESTS:
        raise ValueError(f"{do[:40]!r} cannot be done to a door; write one of: {', '.join(REQUESTS)}.")
    _request(folder, {"do": do, "door": door} if door else {"do": do})


def key_in(folder: Path, reader: str, digits: str) -> None:
    """Enter these digits beside a virtual reader that has no keypad of its own."""
    _request(folder, {"do": "key in", "reader": reader, "digits": digits})


def _request(folder: Path, request: dict[str, str]) -> None:
    try:
        with _socket_path(folder) as path, socket.socket(socket.AF_UNIX) as line:
            line.settimeout(30)
            line.connect(path)
            line.sendall(json.dumps(request).encode("ascii") + b"\n")
            reply = line.makefile("rb").readline(MAX_REQUEST)
        answer = json.loads(reply)
    except (OSError, ValueError) as error:
        raise OSError(
            f"No virtual door answers in {folder}; start it with `genkan run` on the same data folder."
        ) from error
    if not isinstance(answer, dict) or answer.get("ok") is not True:
        raise ValueError(
            str(answer.get("error", "The door gave no reason.") if isinstance(answer, dict) else answer)
        )


class VirtualDoorServer:
    """Calls `set_input(name, active)` on its own thread; name is contact (active = open), rex or fire.

    The contact or button of another door than the first that has one is "contact:" or "rex:" and its name.
    """

    def __init__(
        self,
        folder: Path,
        set_input: Callable[[str, bool], None],
        monotonic: Callable[[], float] = time.monotonic,
        key_in: Callable[[str, str], str | None] = lambda reader, digits: "This door has no keypad.",
        doors: Mapping[str, Collection[str]] = _NO_DOORS,
    ) -> None:
        """`key_in` gets a reader and the digits; it returns a sentence if the reader refuses them.

        `doors`: by name, which of contact and rex each has.
        """
        self._doors = doors
        self._folder, self._set_input, self._monotonic = folder, set_input, monotonic
        self._key_in = key_in
        self._state = state(folder)
        self._rex_ends: dict[str, float] = {}  # by input
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Restore the inputs, then listen."""
        for name, active in self._state.items():
            self._set_input(name, active)
        self._listener = socket.socket(socket.AF_UNIX)
        self._wake, self._woken = socket.socketpair()
        with _socket_path(self._folder) as path:
            Path(path).unlink(missing_ok=True)
            self._listener.bind(path)
        self._listener.listen(8)
        self._thread = threading.Thread(target=self._serve, name="virtual-door", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        if self._thread is None:
            return
        self._wake.close()
        self._thread.join()
        self._thread = None
        self._woken.close()
        self._listener.close()
        with contextlib.suppress(OSError):  # a disk that became read-only
            (self._folder / "door.sock").unlink(missing_ok=True)

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select(self._until_rex_ends())}
                if self._woken in ready:
                    return
                now = self._monotonic()
                for name in [name for name, ends in self._rex_ends.items() if now >= ends]:
                    del self._rex_ends[name]
                    self._set_input(name, False)
                if self._listener in ready:
                    with contextlib.suppress(OSError):
                        self._hear_one()

    def _until_rex_ends(self) -> float | None:
        return max(0.0, min(self._rex_ends.values()) - self._monotonic()) if self._rex_ends else None

    def _hear_one(self) -> None:
        line, _ = self._listener.accept()
        with line:
            line.settimeout(2)  # a caller that connects and sends nothing must not hold the REX button down
            try:
                answer = self._do(json.loads(line.makefile("rb").readline(MAX_REQUEST)))
            except (ValueError, TypeError, KeyError, RecursionError):
                answer = {"error": f"The virtual door understands: {', '.join(REQUESTS)}."}
            line.sendall(json.dumps(answer).encode("ascii") + b"\n")

    def _do(self, request: dict[str, str]) -> dict[str, object]:
        """Drives the input first: a hand or a fire does not wait for room on our disk."""
        do, door = request["do"], request.get("door", "")
        if do == "rex" or do in _HELD:
            if (problem := self._problem("rex", door)) is not None:
                return {"error": problem}
            button = self._input_of("rex", door)
            self._rex_ends.pop(button, None)
            if do == "rex":
                self._rex_ends[button] = self._monotonic() + REX_SECONDS
            self._set_input(button, _HELD.get(do, True))
            return {"ok": True}
        if do == "key in":
            problem = self._key_in(request["reader"], request["digits"])
            return {"ok": True} if problem is None else {"error": problem}
        what, active = _INPUTS[do]
        if (problem := self._problem(what, door)) is not None:
            return {"error": problem}
        name = self._input_of(what, door)
        self._state[name] = active
        self._set_input(name, active)
        try:
            self._remember()
        except OSError as error:
            return {
                "error": f"{do!r} is done, but a restart will not know of it ({error.strerror}); make room."
            }
        return {"ok": True}

    def _problem(self, what: str, door: str) -> str | None:
        """Return why this can't be done to that door."""
        if not door:
            return None
        if door not in self._doors:
            return f"There is no door {door[:40]!r}; there are: {', '.join(self._doors)}."
        if what == "fire":
            return "Fire is reported for the whole site; leave the door out."
        if what not in self._doors[door]:
            return f"Door {door} has no {_MISSING[what]} in genkan.toml."
        return None

    def _input_of(self, what: str, door: str) -> str:
        first = next((name for name, inputs in self._doors.items() if what in inputs), "")
        return what if door in ("", first) else f"{what}:{door}"

    def _remember(self) -> None:
        new = self._folder / "state.json.new"
        new.write_text(json.dumps(self._state), encoding="ascii")
        new.replace(self._folder / "state.json")


@contextlib.contextmanager
def _socket_path(folder: Path) -> Iterator[str]:
    """A path short enough for a Unix socket (107 bytes) however deep the folder lies."""
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/door.sock"
    finally:
        os.close(descriptor)

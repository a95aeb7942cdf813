"""The demo's door: connects the simulator's outside (hands, buttons, fire panel) to the wires of virtual
pins.

Its trace records what a pin did, reported by the pin itself, not what a driver intended.
"""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from controller.config import DoorConfig
from firmware_bridge.simulator import cable
from firmware_bridge.simulator.door import VirtualDoorServer, state
from firmware_bridge.simulator.trace import Trace, read


class VirtualDoor:
    """Create it before the locks and contacts of the same `factory`, so that it sees their first levels.

    The server's "contact" and "rex" belong to the first door that has one, "contact:NAME" and "rex:NAME" to
    each other door.
    """

    def __init__(
        self,
        folder: Path,
        factory: Any,
        doors: Mapping[str, DoorConfig],
        fire_pin: int | None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._trace = Trace(folder / "trace.jsonl")
        self._last = {change["name"]: change["state"] for change in read(folder / "trace.jsonl")}
        self._watched: list[Any] = []
        self._inputs: dict[str, tuple[Any, bool]] = {}  # the pin, and whether active means grounded
        outside = state(folder)
        for door in doors.values():
            if door.lock_pin is not None:
                self._lock(factory.pin(door.lock_pin), door.lock_pin, door)
            contact, rex = (
                name if name not in self._inputs else f"{name}:{door.name}" for name in ("contact", "rex")
            )
            is_open = outside.get(contact, False)
            self._input(
                factory,
                name=contact,
                number=door.door_contact_pin,
                traced=f"{door.name}.contact",
                active=is_open,
            )
            self._input(factory, name=rex, number=door.rex_pin, traced=f"{door.name}.rex", active=False)
        self._input(factory, name="fire", number=fire_pin, traced="fire", active=outside["fire"])
        self._folder = folder
        self.keypad: Callable[[str, str], bool] | None = (
            None  # called with reader and digits; set once the door runs
        )
        self._server = VirtualDoorServer(
            folder,
            self.set_input,
            key_in=self._key_in,
            doors={name: _inputs_of(door) for name, door in doors.items()},
        )

    def start(self) -> None:
        self._server.start()

    def stop(self) -> None:
        """After the locks have been closed, so that their last level is traced."""
        self._server.stop()
        for pin in self._watched:
            pin.watcher = None
        self._trace.close()

    def set_input(self, name: str, active: bool) -> None:
        """`contact` (active: open), `rex` or `fire`, or another door's as the server names them.

        Without a pin it goes nowhere, like a loose button.
        """
        if name in self._inputs:
            pin, grounded_when_active = self._inputs[name]
            pin.ground(active is grounded_when_active)

    def _key_in(self, reader: str, digits: str) -> str | None:
        """Return why the digits are refused; None if they went to the keypad."""
        if self.keypad is None:
            return "The door is starting; try again."
        if not (0 < len(digits) <= 16 and digits.isascii() and digits.isdecimal()):
            return "A PIN is 1 to 16 digits."
        if cable.is_unplugged(self._folder, reader):
            return f"{reader} is unplugged; plug it in first."
        return (
            None
            if self.keypad(reader, digits)
            else f"{reader} is not a virtual reader with a keypad beside it."
        )

    def _lock(self, pin: Any, number: int, door: DoorConfig) -> None:
        secured_level = door.lock == "fail_safe"
        name = f"{door.name}.lock"

        def changed(level: bool) -> None:
            self._changed(number, name, level, "secured" if level is secured_level else "released")

        # The trace of a killed process may miss what the wiring has done since.
        if name in self._last:
            changed(bool(pin.state))
        pin.watcher = changed
        self._watched.append(pin)

    def _input(self, factory: Any, name: str, number: int | None, traced: str, active: bool) -> None:
        if number is None:
            return
        opens = name.startswith("contact")
        words = ("open", "closed") if opens else ("active", "inactive")
        pin = factory.pin(number)
        pin.ground(active is not opens)
        self._last[traced] = words[0] if active else words[1]
        pin.watcher = lambda level: self._changed(
            number, traced, level, words[0] if level is opens else words[1]
        )
        self._watched.append(pin)
        self._inputs[name] = pin, not opens

    def _changed(self, number: int, name: str, level: bool, now: str) -> None:
        if self._last.get(name) == now:
            return
        self._last[name] = now
        self._trace.pin_changed(number, name, level=int(level), state=now, mono_ms=self._monotonic() * 1000)


def _inputs_of(door: DoorConfig) -> tuple[str, ...]:
    pins = {"contact": door.door_contact_pin, "rex": door.rex_pin}
    return tuple(name for name, pin in pins.items() if pin is not None)

"""The source of pins: the Pi's own through lgpio, or simulated ones. Never one in place of the other.

gpiozero would fall back from one pin library to the next with a warning; a lock must fail loudly instead.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from controller.errors import InstallerError

PinFactory = Any  # gpiozero carries no types


def real_pins(work_folder: Path) -> PinFactory:
    """The Pi's pins, or InstallerError. lgpio keeps a pipe in `work_folder`, which must be writable."""
    # Any other use of gpiozero's default in this process must get the same backend, or fail.
    os.environ["GPIOZERO_PIN_FACTORY"] = "lgpio"
    _import_lgpio(work_folder)
    try:
        from gpiozero import Device
        from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin

        if Device.pin_factory is None:
            Device.pin_factory = LGPIOFactory()
    except Exception as error:
        raise InstallerError(
            f"The Pi's pins cannot be opened ({_text(error)}); run on a Raspberry Pi as a user of the group "
            "gpio; to try Genkan without hardware, use `genkan run --demo --data FOLDER`."
        ) from error
    factory = Device.pin_factory
    if not isinstance(factory, LGPIOFactory):
        raise InstallerError(
            f"gpiozero uses {type(factory).__name__} instead of lgpio; unset GPIOZERO_PIN_FACTORY and "
            "start the door service by itself."
        )
    factory.pin_class = _level_first(LGPIOPin)
    return factory


def virtual_pins() -> PinFactory:
    """gpiozero's own mock pins, with wires on them: see `virtual_door`."""
    from gpiozero.pins.mock import MockFactory, MockPin

    return MockFactory(pin_class=_wired(MockPin))


def _import_lgpio(work_folder: Path) -> None:
    """A trap: lgpio changes into LG_WD on import, creates a pipe there, and fails if it can't."""
    os.environ["LG_WD"] = str(work_folder)
    here = Path.cwd()
    try:
        import lgpio

        # Release 0.0.0.2, which pip takes where there is no wheel, is an empty file.
        missing = not hasattr(lgpio, "gpiochip_open")
    except ImportError:
        missing = True
    except OSError as error:
        raise InstallerError(
            f"lgpio cannot keep its pipe in {work_folder} ({error.strerror}); make that folder writable for "
            "the door service."
        ) from error
    finally:
        os.chdir(here)
    if missing:
        raise InstallerError(
            "The library lgpio is missing or empty; install Raspberry Pi OS's python3-lgpio, or lgpio "
            "0.2.2.0 into the environment (see deploy/README.md)."
        )


def _level_first(pin_class: Any) -> Any:
    """gpiozero claims an output low and sets its level afterwards; claim it directly at its level."""
    import lgpio

    class LevelFirstPin(pin_class):  # type: ignore[misc]
        def output_with_state(self, state: bool) -> None:
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))

    return LevelFirstPin


def _wired(pin_class: Any) -> Any:
    class WiredPin(pin_class):  # type: ignore[misc]
        """With a switch to ground, a resistor that pulls an undriven lock low, and a watcher."""

        def __init__(self, factory: PinFactory, info: Any) -> None:
            self.grounded = False
            self.watcher: Callable[[bool], None] | None = None
            super().__init__(factory, info)

        def ground(self, grounded: bool) -> None:
            """Close or open the switch to ground."""
            self.grounded = grounded
            if grounded:
                self.drive_low()
            elif self.pull == "up":
                self.drive_high()

        def _set_function(self, value: str) -> None:
            super()._set_function(value)
            if value == "input" and self.pull == "floating":
                self._change_state(False)

        def _change_state(self, value: bool) -> bool:
            level = value and not (self.grounded and self.function == "input")
            changed: bool = super()._change_state(level)
            if changed and self.watcher is not None:
                self.watcher(level)
            return changed

    return WiredPin


def _text(error: Exception) -> str:
    return str(error).strip("'\"") or type(error).__name__

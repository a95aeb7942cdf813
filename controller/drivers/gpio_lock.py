"""A lock on an output pin. Polarity ends here: above it, a lock is released or secured.

The pin drives an active-high relay or transistor. `fail_secure`: power releases. `fail_safe`: power secures.
"""

from typing import Any

from controller.errors import InstallerError


class GpioLock:
    def __init__(self, pin: int, fail_safe: bool, factory: Any, released: bool = False) -> None:
        """Claim the pin directly at its level, so that nothing pulses; `released` during a fire."""
        from gpiozero import OutputDevice

        self._secured_level = fail_safe
        try:
            self._device = OutputDevice(
                pin, initial_value=self._secured_level is not released, pin_factory=factory
            )
        except Exception as error:
            raise InstallerError(
                f"Pin {pin} cannot drive a lock ({error}); end the program that holds it, or change lock_pin."
            ) from error

    def release(self) -> None:
        self._device.value = not self._secured_level

    def secure(self) -> None:
        self._device.value = self._secured_level

    def close(self) -> None:
        """Free the pin without driving it: it is an input again, and the wiring keeps its state without
        power.

        The caller decides whether to secure first, because a fire keeps the lock released to the end.
        """
        self._device.close()

"""A child process: the pins and one lock of the door service, on gpiozero's real lgpio backend.

Arguments: work folder, fail_safe or fail_secure, then what to do with the lock, in order.
"""

import os
import signal
import sys
from pathlib import Path

import gpiozero.pins.local

from controller.drivers.gpio_contact import GpioContact
from controller.drivers.gpio_lock import GpioLock
from controller.drivers.pins import real_pins
from controller.errors import InstallerError

PIN = 17
# The board's revision comes from a file that only a Pi has.
gpiozero.pins.local.get_pi_revision = lambda: 0xA02082


def main(work: str, lock_kind: str, *story: str) -> None:
    factory = real_pins(Path(work))
    lock = GpioLock(PIN, lock_kind == "fail_safe", factory)
    for step in story:
        if step == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        elif step == "say backend":
            print(os.environ["GPIOZERO_PIN_FACTORY"], file=sys.stderr)
        elif step == "contact":
            GpioContact(27, factory, lambda active: None).close()
        else:
            getattr(lock, step)()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except InstallerError as error:
        sys.exit(str(error))

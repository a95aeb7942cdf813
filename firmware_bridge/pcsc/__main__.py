"""The bridge program for one PC/SC reader; it sets up its message pipe as firmware_bridge/nfc does."""

import os
import sys

DEAD_MAN_SECONDS = 10


def main() -> int:
    messages = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    import argparse

    parser = argparse.ArgumentParser(
        prog="firmware_bridge.pcsc", description="Reads badges; see messages.py."
    )
    parser.add_argument("--reader", required=True, help="the reader's name, to tell processes apart")
    parser.add_argument("--path", required=True, help="pcsc:NAME, as pcscd names it")
    arguments = parser.parse_args()
    kind, _, name = arguments.path.partition(":")
    if kind != "pcsc" or not name:
        parser.error("--path must be pcsc:NAME")

    import signal
    import time

    from firmware_bridge.door_link import DoorLink
    from firmware_bridge.nfc.card_poll import ReaderTrouble
    from firmware_bridge.nfc.polling import Polling
    from firmware_bridge.problems import Problem, ProblemCode

    def open_device() -> object:
        try:
            from firmware_bridge.pcsc.device import PcscDevice
        except ImportError:
            raise ReaderTrouble(Problem(ProblemCode.PYSCARD_MISSING)) from None
        return PcscDevice(name)

    Polling(
        arguments.path,
        open_device,
        DoorLink(messages, sys.stdin.fileno()),
        time.monotonic,
        # As in firmware_bridge/nfc: if the door has died, only the kernel can end a hanging process.
        still_alive=lambda: signal.alarm(DEAD_MAN_SECONDS),
    ).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

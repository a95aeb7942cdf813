"""The bridge program: one process, one reader.

Libraries print. So the message pipe is a private copy of stdout, created before any other import, and stdout
itself goes to stderr.
"""

import os
import sys

DEAD_MAN_SECONDS = 10


def main() -> int:
    messages = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    import argparse
    from pathlib import Path

    parser = argparse.ArgumentParser(prog="firmware_bridge.nfc", description="Reads badges; see messages.py.")
    parser.add_argument("--reader", required=True, help="the reader's name, to tell processes apart")
    parser.add_argument("--path", required=True, help="usb:… tty:… or udp:HOST:PORT")
    parser.add_argument("--cable", type=Path, help="udp only: unplugged while this file exists")
    parser.add_argument("--device", type=Path, help="tty:pty: only: the file of the virtual port")
    parser.add_argument("--proofs", action="store_true", help="cards may be asked to prove a key")
    arguments = parser.parse_args()
    kind, _, rest = arguments.path.partition(":")
    if kind not in ("usb", "tty", "udp") or not rest:
        parser.error("--path must be usb:…, tty:… or udp:HOST:PORT")
    if kind == "udp" and not rest.rpartition(":")[2].isdecimal():
        parser.error("--path udp: needs HOST:PORT")
    if arguments.cable is not None and kind != "udp":
        parser.error("--cable is for udp: only; a real reader has a real cable")

    is_virtual_port = arguments.path.startswith("tty:pty:")
    if is_virtual_port != (arguments.device is not None):
        parser.error("--device goes with tty:pty: and with nothing else")
    opened = f"tty:{arguments.device}:pn532" if is_virtual_port else arguments.path

    import signal
    import time

    from firmware_bridge.door_link import DoorLink
    from firmware_bridge.nfc.device import open_device, silence_nfcpy
    from firmware_bridge.nfc.polling import Polling

    if arguments.proofs:
        import firmware_bridge.nfc.card_check  # noqa: F401
    silence_nfcpy()
    Polling(
        arguments.path,
        lambda: open_device(opened, arguments.cable),
        DoorLink(messages, sys.stdin.fileno()),
        time.monotonic,
        # If the door dies while this process hangs in a driver, no process is left to kill it and free the
        # reader. So the kernel's alarm ends it, unless the loop goes on.
        still_alive=lambda: signal.alarm(DEAD_MAN_SECONDS),
        proofs=arguments.proofs,
    ).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

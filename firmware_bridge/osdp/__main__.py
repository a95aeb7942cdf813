"""The bridge program: one process, one RS-485 line, one or more readers on it.

As with the NFC bridge, the message pipe is a private copy of stdout and stdout itself goes to stderr: libosdp
prints.
"""

import os
import sys

DEAD_MAN_SECONDS = 10


def main() -> int:
    messages = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    import argparse
    import re
    from pathlib import Path

    parser = argparse.ArgumentParser(
        prog="firmware_bridge.osdp", description="Reads badges; see messages.py."
    )
    parser.add_argument("--port", required=True, help="the serial port's file")
    parser.add_argument("--baud", type=int, default=115200)
    parser.add_argument(
        "--reader", action="append", required=True, metavar="NAME:ADDRESS", help="one for each reader"
    )
    parser.add_argument("--keys", type=Path, required=True, help="the folder with NAME.key and NAME.install")
    arguments = parser.parse_args()
    wanted = []
    for text in arguments.reader:
        name, _, address = text.rpartition(":")
        if not re.fullmatch(r"[a-z0-9-]+", name) or not address.isdecimal() or int(address) > 126:
            parser.error(f"--reader {text!r} is not NAME:ADDRESS with an address from 0 to 126")
        wanted.append((name, int(address)))

    import signal

    from firmware_bridge.door_link import DoorLink
    from firmware_bridge.osdp.line import Line

    Line(
        path=arguments.port,
        baud=arguments.baud,
        wanted=wanted,
        folder=arguments.keys,
        door=DoorLink(messages, sys.stdin.fileno()),
        # When the door has died while this process hangs in a driver, the kernel ends it.
        still_alive=lambda: signal.alarm(DEAD_MAN_SECONDS),
    ).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())

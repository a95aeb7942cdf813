"""Ports that nobody has, for programs that are started later."""

import random
import socket


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """On 127.0.0.1, below the range the kernel hands out by itself: nobody gets it meanwhile by accident."""
    for port in random.SystemRandom().sample(range(12_000, 20_000), 200):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")

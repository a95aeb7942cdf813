"""Free ports for programs that start later."""

import random
import socket


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """Return a free port on 127.0.0.1, below the kernel's ephemeral range, so it stays free."""
    for port in random.SystemRandom().sample(range(12_000, 20_000), 200):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no port is free")

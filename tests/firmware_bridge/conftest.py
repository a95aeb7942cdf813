import socket

import pytest


@pytest.fixture
def reader_address() -> tuple[str, int]:
    """Where a virtual reader looks and a virtual card listens: a UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        host, port = probe.getsockname()
    return host, port

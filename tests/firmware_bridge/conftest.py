import socket

import pytest

from tests.ports import free_port


@pytest.fixture
def reader_address() -> tuple[str, int]:
    """Where a virtual reader looks and a virtual card listens: a UDP port that nobody has."""
    return "127.0.0.1", free_port(socket.SOCK_DGRAM)

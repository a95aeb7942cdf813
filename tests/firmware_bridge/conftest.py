import socket

import pytest

from tests.ports import free_port


@pytest.fixture
def reader_address() -> tuple[str, int]:
    """A free UDP port, where a virtual reader polls and a virtual card listens."""
    return "127.0.0.1", free_port(socket.SOCK_DGRAM)

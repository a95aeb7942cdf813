"""The genkan.toml that `genkan run --demo` writes: one virtual door, two virtual readers."""

import random
import socket

_TEMPLATE = """\
# Written by `genkan run --demo`: a simulated door. Real hardware needs a folder of its own.
[site]
name = "Genkan demo"
time_zone = "Asia/Tokyo"
demo = true
fire_pin = 24

[web]
host = "127.0.0.1"
port = {port}

[doors.entrance]
label_en = "Entrance"
label_ja = "入口"
lock = "fail_secure"
lock_pin = 17
release_time = 5.0
door_contact_pin = 27
rex_pin = 22
rex_releases = true

[access_points.entrance-in]
label_en = "Entrance, in"
label_ja = "入口（入）"
door = "entrance"
direction = "in"

[access_points.entrance-out]
label_en = "Entrance, out"
label_ja = "入口（出）"
door = "entrance"
direction = "out"

[readers.entrance-in]
access_point = "entrance-in"
path = "udp:127.0.0.1:{reader_in}"

[readers.entrance-out]
access_point = "entrance-out"
path = "udp:127.0.0.1:{reader_out}"
"""


def demo_config(port: int) -> str:
    reader_in, reader_out = _free_udp_ports(2)
    return _TEMPLATE.format(port=port, reader_in=reader_in, reader_out=reader_out)


def _free_udp_ports(count: int) -> list[int]:
    """Return free ports below the kernel's ephemeral range, so that no other program gets one later."""
    found: list[int] = []
    # The choice among free ports is not a secret.
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            break
    return found

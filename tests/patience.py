"""Limits of the doors in tests.

A disk that many use must turn nobody away in tests of other things than its speed. And each test would fill
64 MiB of memory with the reserve of its door.
"""

from dataclasses import replace

from controller.runtime.limits import USUAL

STEPPED = replace(USUAL, reserve_bytes=1024 * 1024)  # no time passes in a stepped door while it works
PATIENT = replace(STEPPED, durable_within_ms=60_000)

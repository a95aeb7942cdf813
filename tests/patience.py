"""Limits of the doors in tests.

A disk that many use must turn nobody away in tests of other things than its speed. And each test would fill
64 MiB of memory with the reserve of its door. A program that holds the log costs a stepped door real time.
"""

from dataclasses import replace

from controller.runtime.limits import USUAL

_SMALL = replace(USUAL, reserve_bytes=1024 * 1024)
STEPPED = replace(_SMALL, journal_busy_ms=20)
PATIENT = replace(_SMALL, durable_within_ms=60_000)

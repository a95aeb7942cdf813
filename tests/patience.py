"""A disk that many use must turn nobody away in tests of other things than its speed."""

from dataclasses import replace

from controller.runtime.limits import USUAL

PATIENT = replace(USUAL, durable_within_ms=60_000)

"""Measured, not asserted: `make bench` prints ratios with both sides in one run. See `__main__.py`."""

"""Doors for operators: their state, orders, lockdowns and alarms."""

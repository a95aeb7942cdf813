"""The rules. Pure: signals and a moment in, actions out; no clock, no I/O, no logging, no threads."""

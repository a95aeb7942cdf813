"""Whole-house stories: `genkan run --demo` in a process of its own, driven from outside like a user would."""

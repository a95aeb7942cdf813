"""Stories of a complete site: `genkan run --demo` in its own process, driven from outside."""

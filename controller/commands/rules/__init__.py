"""The command `genkan rules`."""

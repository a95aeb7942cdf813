"""The command `genkan person`."""

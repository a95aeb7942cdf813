"""The command `genkan issue`: keys for badges, at the issuing station."""

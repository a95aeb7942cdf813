"""accounts.db: what the operators' sign-in depends on. Only the process that writes the registry opens it."""

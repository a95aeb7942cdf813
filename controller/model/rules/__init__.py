"""The rules that a rule book can set: the settings of each, and which of them make no sense."""

"""The rules that a rule book can set: the settings of each, and what is senseless about them."""

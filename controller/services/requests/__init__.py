"""How an operator's request reaches the registrar: its form, its wire format, the link that carries it."""

"""One file per rule, named after what it checks. No rule imports another; `access.RULES` is their order."""

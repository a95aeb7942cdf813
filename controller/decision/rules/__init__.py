"""A file for each rule, named by what it checks. None knows another; `access.RULES` is their order."""

"""What an operator may ask. Each function checks the right, writes the registry and records the action.

The web and the command line see these modules only. Every function takes the house first, then who asks and
when; it raises an OperatorError with one clear sentence when it cannot be done as asked.
"""

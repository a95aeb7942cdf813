"""The requests of operators. Each function checks the right, writes the registry and records the action.

The web and the command line use these modules only. Every function takes the house first, then the operator
and the moment; it raises an OperatorError with one clear sentence if it cannot do what was requested.
"""

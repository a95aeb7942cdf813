"""The requests of operators. Each function checks the right, writes the registry and records the action.

The web and the command line use these modules only. Most functions take an `Acting` first: the site, the
operator and the moment. Each raises an OperatorError with one clear sentence if it cannot do the request.
"""

"""What operators do, in words: one row for every action code a service records."""

from controller.errors import N_

ACTIONS: dict[str, str] = {}


def action_key(code: str) -> str:
    """A code without words is shown as it is, so that a newer record is never hidden."""
    return ACTIONS.get(code, code.replace("{", "(").replace("}", ")"))

"""Operators: the people who sign in. rights.py has the rights of each role."""

from dataclasses import dataclass
from enum import StrEnum


class OperatorRole(StrEnum):
    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    VIEWER = "viewer"


class OperatorStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True)
class Operator:
    """The operator who makes a request. `name` is typed at sign-in, `display_name` is shown in the log and on
    the pages.
    """

    id: str
    name: str
    display_name: str
    role: OperatorRole
    language: str  # "ja" or "en"
    status: OperatorStatus = OperatorStatus.ACTIVE


# Somebody at a browser who is not signed in.
NOBODY = Operator(id="", name="", display_name="", role=OperatorRole.VIEWER, language="en")
# The command line, for people with access to the machine itself; it never signs in.
MACHINE = Operator(
    id="machine", name="machine", display_name="command line", role=OperatorRole.ADMIN, language="en"
)

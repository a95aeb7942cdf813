"""Operators: the people who sign in. What each role may do stands in services/rights.py."""

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
    """Who asks. `name` is what is typed at sign-in, `display_name` what the log and the pages show."""

    id: str
    name: str
    display_name: str
    role: OperatorRole
    language: str  # "ja" or "en"
    status: OperatorStatus = OperatorStatus.ACTIVE


# The command line, for those who hold the machine itself; it never signs in.
MACHINE = Operator("machine", "machine", "command line", OperatorRole.ADMIN, "en")

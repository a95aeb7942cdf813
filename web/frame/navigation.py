"""The menu: what a visitor may open, in the order of use; and the way back after a form."""

from dataclasses import dataclass

from controller.errors import N_
from controller.services.rights import Right
from web.frame.visitor import Visitor


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    path: str
    right: Right


ALARMS = "/alarms"  # its entry shows how many are open
ENTRIES = (
    Entry(N_("Entry log"), "/log", Right.VIEW_LOG),
    Entry(N_("Doors"), "/doors", Right.VIEW_DOORS),
    Entry(N_("Alarms"), ALARMS, Right.VIEW_LOG),
    Entry(N_("Inside"), "/presence", Right.VIEW_PRESENCE),
    Entry(N_("Lockdown"), "/lockdown", Right.VIEW_DOORS),
    Entry(N_("People"), "/people", Right.VIEW_PEOPLE),
    Entry(N_("Levels"), "/levels", Right.VIEW_ACCESS),
    Entry(N_("Schedules"), "/schedules", Right.VIEW_ACCESS),
    Entry(N_("Holidays"), "/holidays", Right.VIEW_ACCESS),
    Entry(N_("Rules"), "/rules", Right.VIEW_ACCESS),
    Entry(N_("Explain"), "/explain", Right.VIEW_PRESENCE),
    Entry(N_("Accounts"), "/operators", Right.VIEW_OPERATORS),
    Entry(N_("Changes"), "/changes", Right.VIEW_CHANGES),
    Entry(N_("Proof"), "/log/proof", Right.VIEW_LOG),
)


def entries(visitor: Visitor) -> tuple[Entry, ...]:
    return tuple(entry for entry in ENTRIES if visitor.may(entry.right))


def current(path: str) -> str:
    """The path of the entry that the page at `path` belongs to: the longest that leads to it."""
    fitting = [e.path for e in ENTRIES if path == e.path or path.startswith(e.path + "/")]
    return max(fitting, key=len, default="")


def safe_path(path: str) -> str:
    """`path`, which a form sent, if it surely stays on this site; else "/"."""
    plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= 2000
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"

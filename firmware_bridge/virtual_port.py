"""Where the pseudo-terminal of a virtual reader or line is found: a link, and a mark on the terminal itself.

A simulator that is killed leaves its link behind, and the kernel gives the number in it to the next terminal
that anybody opens. So the terminal bears a mark (the sticky bit, which nothing else sets on one and which
ends with it), and a bridge follows the simulator's link only to one that does. Anybody else's link is as it
is: socat and serial servers publish their lines on pseudo-terminals too.
"""

import os
import stat
from pathlib import Path

FOLDER, NAMES = "simulator", ("osdp-", "pn532-")  # in the data folder; see the `port_file` of each simulator
_TERMINALS = "/dev/pts/"


def publish(file: Path, slave: int) -> None:
    """Mark the terminal `slave`, ours, and have `file` lead to it; whatever it led to before."""
    os.fchmod(slave, stat.S_IMODE(os.fstat(slave).st_mode) | stat.S_ISVTX)
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(os.ttyname(slave))
    new.replace(file)


def withdraw(file: Path) -> None:
    """There is no such port any more."""
    file.unlink(missing_ok=True)


def is_astray(path: str) -> bool:
    """The simulator's link to a pseudo-terminal that no simulator has marked: somebody else's by now."""
    file = Path(path)
    if file.parent.name != FOLDER or not file.name.startswith(NAMES):
        return False
    if not file.is_symlink() or not os.path.realpath(path).startswith(_TERMINALS):
        return False
    try:
        return not file.stat().st_mode & stat.S_ISVTX
    except OSError:  # it leads nowhere; whoever opens it says so
        return False

"""The pseudo-terminal of a virtual reader or line: a link to it, and a mark on the terminal itself.

A killed simulator leaves its link behind, and the kernel gives the number in it to the next terminal that any
program opens. So the terminal has a mark (the sticky bit, which nothing else sets on one and which ends with
it), and a bridge follows the simulator's link only to a marked terminal. Links of other programs are followed
as they are: socat and serial servers publish their lines on pseudo-terminals too.
"""

import os
import stat
from pathlib import Path

FOLDER, NAMES = "simulator", ("osdp-", "pn532-")  # in the data folder; see the `port_file` of each simulator
_TERMINALS = "/dev/pts/"


def publish(file: Path, slave: int) -> None:
    """Mark our terminal `slave` and point the link `file` at it, replacing an older link."""
    os.fchmod(slave, stat.S_IMODE(os.fstat(slave).st_mode) | stat.S_ISVTX)
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(os.ttyname(slave))
    new.replace(file)


def withdraw(file: Path) -> None:
    """Remove the port's link."""
    file.unlink(missing_ok=True)


def is_astray(path: str) -> bool:
    """Return whether `path` is a simulator's link to an unmarked pseudo-terminal: another program has it by
    now.
    """
    file = Path(path)
    if file.parent.name != FOLDER or not file.name.startswith(NAMES):
        return False
    if not file.is_symlink() or not os.path.realpath(path).startswith(_TERMINALS):
        return False
    try:
        return not file.stat().st_mode & stat.S_ISVTX
    except OSError:  # it leads nowhere; opening it fails with a clear error
        return False

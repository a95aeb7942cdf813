"""Root acts as the user who owns a folder, so that no file in the data folder becomes root's."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from controller.errors import InstallerError


@contextlib.contextmanager
def as_owner_of(folder: Path, *readable: Path) -> Iterator[None]:
    """Within, root has the user and group of `folder`, and the groups of `readable`; anyone else stays who
    they are. It applies to all threads of the process. Raise InstallerError without the folder.
    """
    try:
        owner = folder.stat()
    except OSError as error:
        raise InstallerError(
            f"{folder} cannot be read ({error.strerror}); put the folder back, or restore a backup."
        ) from error
    if os.geteuid() != 0 or owner.st_uid == 0:
        yield
        return
    group, groups = os.getegid(), os.getgroups()
    os.setgroups([owner.st_gid, *(path.stat().st_gid for path in readable if path.exists())])
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
        os.setgroups(groups)


def refuse_other_users(folder: Path) -> None:
    """Raise InstallerError for anybody but root and the folder's user."""
    try:
        owner = folder.stat().st_uid
    except FileNotFoundError:
        return  # the code that opens it reports that
    except PermissionError:
        owner = 0
    if os.geteuid() not in (0, owner):
        raise InstallerError(
            f"{folder} belongs to another user; run this command as root: put `sudo` in front of it."
        )

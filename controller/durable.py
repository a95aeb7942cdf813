"""Files that survive a power failure: their content and, in their folder, their name."""

import os
from pathlib import Path


def replace_file(file: Path, content: bytes, mode: int) -> None:
    """Replace `file`, with the owner of its folder. On OSError the old content stays."""
    folder = file.parent.stat()
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)  # from a killed run
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            if (folder.st_uid, folder.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(descriptor, folder.st_uid, folder.st_gid)
            os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        part.replace(file)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)


def sync_folder(folder: Path) -> None:
    """Make creations, renames and deletions in the folder durable. Raise OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_VOLATILE = frozenset({"tmpfs", "ramfs", "devtmpfs", "overlay", "aufs", "squashfs"})


def volatile_file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str | None:
    """The type of the file system that holds the folder, if it forgets at a restart; None if it does not.

    The overlay of a read-only Raspberry Pi keeps changes in memory.
    """
    try:
        device = folder.stat().st_dev
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in lines:  # proc_pid_mountinfo(5): "36 35 98:0 /root /mount options … - type source options"
        fields, _, of_file_system = line.partition(" - ")
        if fields.split(" ")[2:3] == [wanted]:
            kind = of_file_system.split(" ")[0]
            return kind if kind in _VOLATILE else None
    return None

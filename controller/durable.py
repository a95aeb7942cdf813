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

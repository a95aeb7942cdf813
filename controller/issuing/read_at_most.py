"""A file that somebody names, up to what it may hold: the wrong one, a disk image say, is not read whole."""

import errno
import os
from pathlib import Path


def read_at_most(file: Path, most: int) -> bytes:
    """Raises OSError, also (EFBIG) where it holds more than `most` bytes."""
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return content

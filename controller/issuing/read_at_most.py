"""Read a file with a size limit, in case an operator names the wrong one, such as a disk image."""

import errno
import os
from pathlib import Path


def read_at_most(file: Path, most: int) -> bytes:
    """Raise OSError, with EFBIG if the file has more than `most` bytes."""
    with file.open("rb") as opened:
        content = opened.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(file))
    return content

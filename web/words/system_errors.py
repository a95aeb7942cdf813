"""The system's own words for an errno, which records keep by name: EACCES is "Permission denied"."""

import errno
import os
from collections.abc import Mapping


def in_words(fields: Mapping[str, object]) -> dict[str, object]:
    """Return the fields with the system's message in place of the errno; earlier records have the message."""
    number = getattr(errno, str(fields.get("error")), None)
    return {**fields, "error": os.strerror(number)} if isinstance(number, int) else dict(fields)

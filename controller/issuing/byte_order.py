"""Text files that Windows saved anew: a byte order mark before UTF-8, or UTF-16 altogether.

Notepad writes either, and PowerShell's `>` writes UTF-16. The text is the same, so it is read as it was.
"""

import codecs

_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def as_utf8(content: bytes) -> bytes:
    """Without the mark. What is cut in the middle of a character keeps a sign that stands for it."""
    if content.startswith(codecs.BOM_UTF8):
        return content[len(codecs.BOM_UTF8) :]
    for mark, encoding in _WIDE.items():
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    return content


def is_wide(content: bytes) -> bool:
    """UTF-16: nothing can be appended to it."""
    return content.startswith(tuple(_WIDE))

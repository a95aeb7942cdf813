"""Text files that Windows saved again: UTF-8 with a byte order mark, or UTF-16.

Notepad writes either, and PowerShell's `>` writes UTF-16. The text is the same, so Genkan accepts them.
"""

import codecs

_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def as_utf8(content: bytes) -> bytes:
    """Return the text as UTF-8 without a mark. An incomplete character becomes U+FFFD."""
    if content.startswith(codecs.BOM_UTF8):
        return content[len(codecs.BOM_UTF8) :]
    for mark, encoding in _WIDE.items():
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace").encode("utf-8", "replace")
    return content


def is_wide(content: bytes) -> bool:
    """Return whether the text is UTF-16, to which Genkan cannot append."""
    return content.startswith(tuple(_WIDE))

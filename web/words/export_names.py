"""Names of exported files: site, part of the log and number of rows; never a person's name."""

from datetime import date
from urllib.parse import quote

_SITE_LENGTH = 40


def export_stem(site: str, door: str, person: str, days: str, rows: int) -> str:
    """`door` is a configured door or "", any `person` adds "one-person"."""
    parts = (_slug(site), "entry-log", _slug(door), "one-person" if person else "", days, f"{rows}-rows")
    return "_".join(part for part in parts if part)


def days_text(day: date | None, today: date) -> str:
    return (day or today).isoformat()


def attachment(name: str) -> str:
    """Content-Disposition: a plain name for every program, and the true one (RFC 6266)."""
    plain = "".join(letter if letter.isascii() else "" for letter in name).lstrip("_-") or "export"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _slug(text: str) -> str:
    """Letters and digits of any script; what lies between them is one hyphen."""
    spaced = "".join(letter if letter.isalnum() else " " for letter in text)
    return "-".join(spaced.split())[:_SITE_LENGTH].strip("-")

"""Moments as text in the databases: "2026-11-24T06:00:00.123Z", whose text order is time order."""

from datetime import UTC, datetime


class NotAMoment(ValueError):
    """A text in a row that is not a moment with an offset from UTC."""


def utc_text(utc: datetime) -> str:
    return utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_moment(text: str) -> datetime:
    """Parse a moment. Raises NotAMoment for invalid text or a missing offset: Python can't compare those."""
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:  # TypeError: bytes or a number
        raise NotAMoment(f"{text!r:.60} is not a moment") from error
    if moment.tzinfo is None:
        raise NotAMoment(f"{text!r} has no offset from UTC")
    return moment


def utc_moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else utc_moment(text)

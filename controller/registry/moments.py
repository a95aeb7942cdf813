"""Moments as they stand in the databases: "2026-11-24T06:00:00.123Z", which sorts as text."""

from datetime import UTC, datetime


def utc_text(utc: datetime) -> str:
    return utc.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_moment(text: str) -> datetime:
    """Raises ValueError for what is no moment, also for one without its offset: nothing compares with it."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} does not say its offset from UTC")
    return moment


def utc_moment_or_none(text: str | None) -> datetime | None:
    return None if text is None else utc_moment(text)

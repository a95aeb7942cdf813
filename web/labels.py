"""Doors and access points as the site calls them."""

from controller.config import Config


def label(config: Config, language: str, name: str | None) -> str:
    """One that is no longer configured stays as it is."""
    thing = config.doors.get(name or "") or config.access_points.get(name or "")
    if thing is None:
        return name or ""
    return thing.label_ja if language == "ja" else thing.label_en

"""Doors, access points, areas, categories as the site calls them."""

from typing import Protocol

from controller.config import Config


def label(config: Config, language: str, name: str | None) -> str:
    """Return the configured label; a name that is no longer configured is returned unchanged."""
    thing = config.doors.get(name or "") or config.access_points.get(name or "")
    if thing is None:
        return name or ""
    return in_language(thing, language)


class Labelled(Protocol):
    """A category, qualification or area of the rules."""

    @property
    def label_en(self) -> str: ...

    @property
    def label_ja(self) -> str: ...


def in_language(thing: Labelled, language: str) -> str:
    return thing.label_ja if language == "ja" else thing.label_en

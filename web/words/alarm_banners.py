"""The strip of alarms on each page: a banner for each, the one of a lockdown, and a digest of all."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import N_
from controller.model.rule_book import Area
from controller.services.doors.lockdown import SITE, LockdownNow
from controller.services.doors.now import DoorsStatus
from controller.services.rights import Right
from web.words.words import Words

PAGE = "/lockdown"


@dataclass(frozen=True, slots=True)
class AlarmBanner:
    """`urgent`: a person is waiting at a door that refuses, or records may be lost."""

    urgent: bool
    what: str
    meaning: str
    todo: str
    path: str = ""  # of the page where it is done
    page: str = ""  # the name of that page
    right: Right | None = None  # who may open it; None: anyone who sees the banner


def lockdown_alarm(lockdowns: Sequence[LockdownNow], words: Words) -> tuple[AlarmBanner, ...]:
    """One for all of them, or none."""
    if not lockdowns:
        return ()
    names = words.join_list(place_text(one, words) for one in lockdowns)
    return (
        AlarmBanner(
            urgent=True,
            what=words.translate(N_("Lockdown: {places}"), places=names),
            meaning=words.translate(
                N_("Nobody can enter by badge, except people who may override a lockdown. Leaving is free."),
            ),
            todo=words.translate(
                N_(
                    "End the lockdown when the danger is over. Until then it continues, even after a restart."
                ),
            ),
            path=PAGE,
            page=words.translate(N_("To the lockdown page")),
        ),
    )


def areas_text(areas: Sequence[Area], words: Words) -> str:
    """Empty for none."""
    return words.join_list(map(words.label, areas))


def place_text(lockdown: LockdownNow, words: Words) -> str:
    if lockdown.area == SITE:
        return words.translate(N_("the whole site"))
    return words.label(lockdown) or lockdown.area


def strip_digest(state: DoorsStatus, alarms: Sequence[AlarmBanner], waiting: int = 0) -> str:
    """Return a digest of the strip's content; `waiting` counts unacknowledged alarms.

    The page replaces the strip only when the digest changes: a screen reader reads each new strip aloud.
    """
    doors = [
        (
            door.name,
            door.forced,
            door.held,
            [(reader.name, reader.online, reader.problem) for reader in door.readers],
        )
        for door in state.doors
    ]
    content = repr((state.fire, doors, list(alarms), waiting))
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]

"""The lockdown in words for the head of every page: where, what it means, where it is ended."""

from collections.abc import Sequence

from controller.errors import N_
from controller.model.rule_book import Area
from controller.services.doors.lockdown import SITE, LockdownNow
from web.words.door_alarms import AlarmBanner
from web.words.language import join_list, translate

PAGE = "/lockdown"


def lockdown_alarm(lockdowns: Sequence[LockdownNow], language: str) -> tuple[AlarmBanner, ...]:
    """One for all of them, or none."""
    if not lockdowns:
        return ()
    names = join_list(language, (place_text(one, language) for one in lockdowns))
    return (
        AlarmBanner(
            True,
            translate(language, N_("Lockdown: {places}"), places=names),
            translate(
                language,
                N_("Nobody can enter by badge, except people who may override a lockdown. Leaving is free."),
            ),
            translate(
                language,
                N_(
                    "End the lockdown when the danger is over. Until then it continues, even after a restart."
                ),
            ),
            PAGE,
            translate(language, N_("To the lockdown page")),
        ),
    )


def areas_text(areas: Sequence[Area], language: str) -> str:
    """Empty for none."""
    labels = [area.label_ja if language == "ja" else area.label_en for area in areas]
    return join_list(language, labels)


def place_text(lockdown: LockdownNow, language: str) -> str:
    if lockdown.area == SITE:
        return translate(language, N_("the whole site"))
    return (lockdown.label_ja if language == "ja" else lockdown.label_en) or lockdown.area

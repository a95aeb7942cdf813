"""Supervisor present on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.events import EventType
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.order import RuleName
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, category_sentence
from web.words.words import Words

FIELDS = (RuleField("categories", N_("Who needs a supervisor inside"), Kind.CATEGORIES),)
PURPOSE = N_("Would admit the ticked categories only while a supervisor is inside.")

WORDS: CodeWords = (
    (RuleName.SUPERVISOR_PRESENT, N_("Supervisor present")),
    (DenyReason.SUPERVISOR_ABSENT, N_("No supervisor is inside")),
    (AccessWarning.LAST_SUPERVISOR_LEFT, N_("The last supervisor has left while others remain")),
    (EventType.LAST_SUPERVISOR_LEFT, N_("The last supervisor has left while others remain")),
)
ADVICE = {
    EventType.LAST_SUPERVISOR_LEFT: N_("Send a supervisor to the area, or ask the remaining people to leave.")
}


def sentence(words: Words, setting: SupervisorPresentSetting) -> str:
    names = words.categories(setting.categories)
    return words.translate(
        N_("These people cannot enter unless a supervisor is inside: {names}."), names=names
    )


def explanation(observations: Values, words: Words) -> Iterator[str]:
    yield category_sentence(observations, words)
    if observations["applies"]:
        yield words.translate(
            N_("Supervisors inside who entered on the same day: {count}."), count=observations["supervisors"]
        )
    else:
        yield words.translate(N_("The rule does not apply to this category."))

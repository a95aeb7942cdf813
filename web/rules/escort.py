"""Escort on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.events import EventType
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.escort import EscortSetting
from controller.model.rules.order import RuleName
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, category_sentence
from web.words.words import Words

FIELDS = (
    RuleField("categories", N_("Who needs an escort"), Kind.CATEGORIES),
    RuleField("escorts", N_("Who escorts"), Kind.CATEGORIES),
    RuleField("seconds", N_("Seconds between the two (0: an escort inside is enough)"), Kind.NUMBER),
)
PURPOSE = N_("Would admit the first group only just after somebody of the second.")

WORDS: CodeWords = (
    (RuleName.ESCORT, N_("Escort")),
    (DenyReason.ESCORT_MISSING, N_("No escort is inside, or no escort entered just before")),
    (AccessWarning.LAST_ESCORT_LEFT, N_("The last escort has left while people who need one remain")),
    (EventType.LAST_ESCORT_LEFT, N_("The last escort has left while people who need one remain")),
)
ADVICE = {EventType.LAST_ESCORT_LEFT: N_("Send an escort, or ask the remaining visitors to leave.")}


def sentence(words: Words, setting: EscortSetting) -> str:
    names, escorts = words.categories(setting.categories), words.categories(setting.escorts)
    if setting.seconds == 0:
        key = N_("{names} can enter only while one of these people is inside: {escorts}.")
        return words.translate(key, names=names, escorts=escorts)
    return words.translate(
        N_(
            "{names} can enter only within {seconds} seconds after one of these people, at the same "
            "entry, who is still inside: {escorts}."
        ),
        names=names,
        seconds=setting.seconds,
        escorts=escorts,
    )


def explanation(observations: Values, words: Words) -> Iterator[str]:
    yield category_sentence(observations, words)
    seconds = observations["seconds"]
    if not observations["applies"]:
        yield words.translate(N_("The rule does not apply to this category."))
    elif seconds == 0:
        yield words.translate(
            N_("An escort who entered on the same day is inside.")
            if observations["inside"]
            else N_("No escort who entered on the same day is inside.")
        )
    elif observations["inside"] and not observations["of_an_area"]:
        yield words.translate(N_("An escort entered within the {count} s before."), count=seconds)
    elif observations["inside"]:
        key = N_("An escort entered within the {count} s before and is still inside.")
        yield words.translate(key, count=seconds)
    elif observations["just_before"]:
        key = N_("An escort entered within the {count} s before and has left again.")
        yield words.translate(key, count=seconds)
    else:
        yield words.translate(N_("No escort entered within the {count} s before."), count=seconds)

"""First person in on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.reasons import DenyReason
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.order import RuleName
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, category_sentence, day_began
from web.words.words import Words

FIELDS = (RuleField("categories", N_("Who comes in first"), Kind.CATEGORIES),)
PURPOSE = N_("Would admit nobody before somebody of the ticked categories has entered that day.")

WORDS: CodeWords = (
    (RuleName.FIRST_PERSON_IN, N_("First person in")),
    (DenyReason.FIRST_PERSON_NOT_IN, N_("Nobody who must come in first is inside yet")),
)


def sentence(words: Words, setting: FirstPersonInSetting) -> str:
    names = words.categories(setting.categories)
    return words.translate(
        N_("Nobody can enter before one of these on the same day, which ends at {time}: {names}."),
        names=names,
        time=words.day_ends.strftime("%H:%M"),
    )


def explanation(observations: Values, words: Words) -> Iterator[str]:
    who = words.categories(observations["categories"])
    if observations["last"] is None:
        yield words.translate(N_("Nobody of {categories} has entered yet."), categories=who)
    else:
        key = N_("The last entry of {categories} was at {time}.")
        yield words.translate(key, categories=who, time=words.recorded_minute(observations["last"]))
    yield from day_began(observations, words)
    yield category_sentence(observations, words)

"""Prerequisite on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.reasons import DenyReason
from controller.model.rules.order import RuleName
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, day_began
from web.words.words import Words

FIELDS = (
    RuleField("access_point", N_("Must be passed first, on the same day"), Kind.ACCESS_POINT),
    RuleField("since", N_("How often"), Kind.CHOICE),
)
PURPOSE = N_("Would require an earlier passage elsewhere on the same day, for example at the phone locker.")

WORDS: CodeWords = (
    (RuleName.PREREQUISITE, N_("Prerequisite")),
    (DenyReason.PREREQUISITE_MISSING, N_("A prerequisite is missing today")),
    (PrerequisiteSince.DAY, N_("Once a day")),
    (PrerequisiteSince.LAST_EXIT, N_("Again after each exit")),
)


def sentence(words: Words, setting: PrerequisiteSetting) -> str:
    place, time = words.place(setting.access_point), words.day_ends.strftime("%H:%M")
    sentence = words.translate(
        N_("Nobody can enter without passing {place} earlier on the same day, which ends at {time}."),
        place=place,
        time=time,
    )
    if setting.since is not PrerequisiteSince.LAST_EXIT:
        return sentence
    again = words.translate(N_("Anyone who has left since then must pass {place} again."), place=place)
    return words.join_sentences([sentence, again])


def explanation(observations: Values, words: Words) -> Iterator[str]:
    where = words.place(str(observations["access_point"]))
    if observations["last"] is None:
        yield words.translate(N_("The person has never passed {where}."), where=where)
    else:
        key = N_("The person last passed {where} at {time}.")
        yield words.translate(key, where=where, time=words.recorded_minute(observations["last"]))
    yield from day_began(observations, words)
    if observations.get("last_exit") is not None:
        key = N_("The person last left at {time} and must have passed {where} since.")
        yield words.translate(key, time=words.recorded_minute(observations["last_exit"]), where=where)

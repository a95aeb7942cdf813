"""Occupancy on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.events import EventType
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, number_of
from web.words.words import Words

FIELDS = (
    RuleField("most", N_("People inside at most (0: no limit)"), Kind.NUMBER),
    RuleField("least", N_("Warn below this number of people (0: never)"), Kind.NUMBER),
    RuleField("alarm", N_("Alarm when an exit leaves fewer people inside"), Kind.TICK),
)
PURPOSE = N_("Would admit nobody above the upper limit, and warn below the lower limit.")

WORDS: CodeWords = (
    (RuleName.OCCUPANCY, N_("Occupancy")),
    (DenyReason.OCCUPANCY_FULL, N_("The area is full")),
    (AccessWarning.OCCUPANCY_LOW, N_("Fewer people remain than there should be")),
    (EventType.OCCUPANCY_LOW, N_("Fewer people remain than there should be")),
)
ADVICE = {EventType.OCCUPANCY_LOW: N_("Send more people, or ask the remaining people to leave.")}


def sentence(words: Words, setting: OccupancySetting) -> str:
    sentences = []
    if setting.most:
        key = N_("At most {count} people can be inside.")
        sentences.append(words.translate(key, count=setting.most))
    if setting.least:
        key = N_("An exit that leaves fewer than {count} people inside is recorded as a warning.")
        if setting.alarm:
            key = N_("An exit that leaves fewer than {count} people inside raises an alarm.")
        sentences.append(words.translate(key, count=setting.least))
    return words.join_sentences(sentences)


def explanation(observations: Values, words: Words) -> Iterator[str]:
    inside, coming, most = (number_of(observations[key]) for key in ("inside", "coming", "most"))
    if most:
        yield words.translate(
            N_("Inside: {inside}, entering: {coming}, at most: {most}."),
            inside=inside,
            coming=coming,
            most=most,
        )
    else:
        yield words.translate(N_("Inside: {inside}; no upper limit is set."), inside=inside)

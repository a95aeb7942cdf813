"""Dual access on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.reasons import DenyReason
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.order import RuleName
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, number_of
from web.words.words import Words

FIELDS = (
    RuleField("seconds", N_("Seconds between the two"), Kind.NUMBER),
    RuleField(
        "unless_inside",
        N_("Not required with this many people inside (0: always required)"),
        Kind.NUMBER,
    ),
)
PURPOSE = N_("Would admit people only in pairs, with one tap right after the other.")

WORDS: CodeWords = (
    (RuleName.DUAL_ACCESS, N_("Dual access")),
    (DenyReason.SECOND_PERSON_NEEDED, N_("A second person must tap")),
)


def sentence(words: Words, setting: DualAccessSetting) -> str:
    key = N_("Two people with access must tap within {seconds} seconds.")
    sentences = [words.translate(key, seconds=setting.seconds)]
    if count := setting.unless_inside:
        more = N_("While {count} or more people are inside, one person is enough.")
        sentences.append(words.translate(more, count=count))
    return words.join_sentences(sentences)


def explanation(observations: Values, words: Words) -> Iterator[str]:
    unless = number_of(observations["unless_inside"])
    if unless:
        key = N_("Inside, entered on the same day: {inside}; not required from {unless} people.")
        yield words.translate(key, inside=observations["inside"], unless=unless)
    if observations["first"]:
        yield words.translate(
            N_("Another person tapped within the {count} s before."), count=observations["seconds"]
        )
    else:
        yield words.translate(
            N_("No other person tapped within the {count} s before."), count=observations["seconds"]
        )

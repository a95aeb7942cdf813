"""Anti-passback on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.reasons import DenyReason
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.order import RuleName
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, day_began, number_of
from web.words.words import Words

FIELDS = (
    RuleField("area", N_("People inside must leave first"), Kind.TICK),
    RuleField("until", N_("How long a missed tap out counts"), Kind.CHOICE),
    RuleField("minutes", N_("Minutes until the next entry (0: none)"), Kind.NUMBER),
    RuleField("outer_first", N_("Require entry to the outer area first"), Kind.TICK),
)
PURPOSE = N_("Would refuse another entry to people who are inside or have just entered.")

WORDS: CodeWords = (
    (RuleName.ANTI_PASSBACK, N_("Anti-passback")),
    (DenyReason.ANTI_PASSBACK, N_("Already inside, according to the log")),
    (DenyReason.OUTER_AREA_NOT_ENTERED, N_("Not in the surrounding area, according to the log")),
    (PassbackUntil.DAY_ENDS, N_("Until the end of the site's day")),
    (PassbackUntil.NEVER, N_("Until the tap out, or until an operator corrects it")),
)


def sentence(words: Words, setting: AntiPassbackSetting) -> str:
    sentences = []
    if setting.area:
        sentences.append(words.translate(N_("People inside cannot enter again before they leave.")))
        if setting.until is PassbackUntil.DAY_ENDS:
            key = N_("A missed tap out no longer counts once the day ends, at {time}.")
            sentences.append(words.translate(key, time=words.day_ends.strftime("%H:%M")))
        else:
            key = N_("A missed tap out counts until the person taps out or an operator corrects it.")
            sentences.append(words.translate(key))
    if setting.minutes:
        key = N_("Nobody can enter a second time within {minutes} minutes.")
        sentences.append(words.translate(key, minutes=setting.minutes))
    if setting.outer_first:
        key = N_("Nobody can enter an inner area without entering the outer area first.")
        sentences.append(words.translate(key))
    return words.join_sentences(sentences)


def explanation(observations: Values, words: Words) -> Iterator[str]:
    if observations["forgiven"]:
        yield words.translate(N_("An account has allowed the next entry."))
    if observations["inside_since"] is not None:
        yield words.translate(
            N_("Inside since {time}, according to the log."),
            time=words.recorded_minute(observations["inside_since"]),
        )
        if observations["over"]:
            yield from day_began(observations, words)
            yield words.translate(N_("Therefore the missed tap out no longer counts."))
    elif observations["last"] is None:
        yield words.translate(N_("The log has no entry of this person."))
    else:
        yield words.translate(
            N_("Not inside, according to the log; last entry {time}."),
            time=words.recorded_minute(observations["last"]),
        )
    if observations["outer"] is not None:
        key = N_("The log has no entry of this person into the surrounding area {area}.")
        yield words.translate(key, area=words.area(str(observations["outer"])))
    if minutes := number_of(observations["minutes"]):
        yield words.translate(N_("No second entry within {count} min."), count=minutes)

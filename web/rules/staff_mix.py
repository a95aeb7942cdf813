"""Staff mix on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator

from controller.errors import N_
from controller.model.events import EventType
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.order import RuleName
from controller.model.rules.staff_mix import StaffMixSetting
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values, category_sentence
from web.words.words import Words

FIELDS = (
    RuleField("people_per_supervisor", N_("People for each supervisor (0: not required)"), Kind.NUMBER),
    RuleField("regular_percent", N_("Regular staff, percent (0: not required)"), Kind.NUMBER),
    RuleField("regular_least", N_("Regular staff, at least (0: not required)"), Kind.NUMBER),
    RuleField("alarm", N_("Alarm when an exit breaks it"), Kind.TICK),
)
PURPOSE = N_("Would require enough supervisors and regular staff among the people inside.")

WORDS: CodeWords = (
    (RuleName.STAFF_MIX, N_("Staff mix")),
    (DenyReason.STAFF_MIX, N_("Too few supervisors or regular staff inside")),
    (AccessWarning.STAFF_MIX_LOW, N_("Too few supervisors or regular staff remain")),
    (EventType.STAFF_MIX_LOW, N_("Too few supervisors or regular staff remain")),
)
ADVICE = {
    EventType.STAFF_MIX_LOW: N_(
        "Send supervisors or regular staff, as the staff mix requires, or ask people to leave until it "
        "is met."
    )
}


def sentence(words: Words, setting: StaffMixSetting) -> str:
    sentences = []
    if count := setting.people_per_supervisor:
        key = N_("Every {count} people inside need one supervisor.")
        sentences.append(words.translate(key, count=count))
    if percent := setting.regular_percent:
        key = N_("At least {percent} percent of the people inside must be regular staff.")
        sentences.append(words.translate(key, percent=percent))
    if count := setting.regular_least:
        key = N_("At least {count} of the people inside must be regular staff.")
        sentences.append(words.translate(key, count=count))
    if setting.alarm:
        sentences.append(words.translate(N_("An exit that breaks this raises an alarm.")))
    return words.join_sentences(sentences)


def explanation(observations: Values, words: Words) -> Iterator[str]:
    yield words.translate(
        N_("With this person, {people} who entered on the same day are inside."),
        people=observations["people"],
    )
    for have, needed, key in (
        ("supervisors", "supervisors_needed", N_("Supervisors: {have}, needed: {needed}.")),
        ("regulars", "regulars_needed", N_("Regular staff: {have}, needed: {needed}.")),
    ):
        if observations[needed]:
            yield words.translate(key, have=observations[have], needed=observations[needed])
    yield category_sentence(observations, words)

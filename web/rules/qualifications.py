"""Qualifications on the pages: its form, what it does, and its observations."""

from collections.abc import Iterator
from datetime import date

from controller.errors import N_
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from web.rules.fields import CodeWords, Kind, RuleField
from web.rules.observations import Values
from web.words.words import Words

FIELDS = (RuleField("required", N_("Required qualifications"), Kind.QUALIFICATIONS),)
PURPOSE = N_("Would admit only people who have all ticked qualifications.")

WORDS: CodeWords = (
    (RuleName.QUALIFICATIONS, N_("Qualifications")),
    (DenyReason.QUALIFICATION_MISSING, N_("A required qualification is missing")),
    (DenyReason.QUALIFICATION_EXPIRED, N_("A required qualification has expired")),
    (AccessWarning.QUALIFICATION_ENDS_SOON, N_("A qualification expires soon")),
)


def sentence(words: Words, setting: QualificationsSetting) -> str:
    names = words.qualifications(setting.required)
    return words.translate(N_("Only people with these qualifications can enter: {names}."), names=names)


def explanation(observations: Values, words: Words) -> Iterator[str]:
    until = observations["holds_until"]
    for name, day in until.items() if isinstance(until, dict) else ():
        what = words.qualification(name)
        if day is None:
            yield words.translate(N_("{qualification}: the person does not have it."), qualification=what)
        else:
            last = words.day(date.fromisoformat(str(day)))
            key = N_("{qualification}: expired, last day {day}.")
            if str(day) >= str(observations["today"]):
                key = N_("{qualification}: until {day}.")
            yield words.translate(key, qualification=what, day=last)

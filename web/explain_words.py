"""An explanation in sentences: what each rule saw, what it said, and what follows. Pages and command line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from controller.errors import N_
from controller.model.access import Direction
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Json
from controller.model.reasons import AccessWarning, DenyReason
from controller.services.explain import Explained, RuleSaid, Said
from controller.services.explain_record import ExplainedRecord
from web.explain_notes import NOTES
from web.language import say
from web.times import minute_text
from web.words import LONG_WEEKDAYS, key_of, key_of_code

TITLES: Mapping[str, str] = {
    "credential_known": N_("Badge known"),
    "credential_status": N_("State of the badge"),
    "credential_validity": N_("Validity of the badge"),
    "cardholder_status": N_("State of the person"),
    "access_level": N_("Access level"),
    "schedule": N_("Schedule"),
}
SAID: Mapping[Said, str] = {
    Said.PASSES: N_("Passes"),
    Said.REFUSES: N_("Refuses"),
    Said.WOULD_REFUSE: N_("Would refuse (observe only)"),
    Said.WARNS: N_("Warns"),
    Said.OFF: N_("Off"),
}
_MOODS: Mapping[Said, str] = {
    Said.PASSES: "good",
    Said.REFUSES: "bad",
    Said.WOULD_REFUSE: "warn",
    Said.WARNS: "warn",
    Said.OFF: "calm",
}
_SIGNS = {"good": "✓", "bad": "✕", "warn": "▲", "calm": ""}


@dataclass(frozen=True, slots=True)
class RuleRow:
    title: str
    mode: str
    saw: str
    said: str
    mood: str
    sign: str
    decides: bool


def rule_rows(explained: Explained, language: str, zone: ZoneInfo) -> list[RuleRow]:
    return [_row(rule, explained, language, zone) for rule in explained.explanation.rules]


def verdict(explained: Explained, language: str) -> str:
    found = explained.explanation.verdict
    if explained.direction is Direction.OUT:
        if found.reason is None:
            return say(language, N_("May leave."))
        return say(
            language, N_("May leave, as everybody may; noted: {reason}"), reason=_of(found.reason, language)
        )
    if found.reason is None:
        return say(language, N_("Would be let in."))
    return say(language, N_("Would be refused: {reason}"), reason=_of(found.reason, language))


def recorded(found: ExplainedRecord, language: str) -> str:
    """What the record says, in one sentence."""
    if found.reason is not None:
        words = say(language, key_of_code(DenyReason, found.reason))
        return say(language, N_("Refused: {reason}"), reason=words)
    return say(language, N_("Granted"))


def agreement(found: ExplainedRecord, language: str) -> str:
    if found.same is None:
        return ""
    if found.same:
        return say(language, N_("Asked again, the rules say what the record says."))
    return say(
        language,
        N_("Asked again, the rules say something else than the record: {verdict}"),
        verdict=verdict(found.explained, language),
    )


def notes(explained: Explained, language: str) -> list[str]:
    return [say(language, NOTES[note]) for note in explained.notes]


def _row(rule: RuleSaid, explained: Explained, language: str, zone: ZoneInfo) -> RuleRow:
    title = TITLES[rule.title] if rule.name is None else key_of(rule.name)
    said = say(language, SAID[rule.said])
    if rule.answer is not None:
        said = f"{said}: {_of(rule.answer, language)}"
    mood = _MOODS[rule.said]
    if rule.said is Said.REFUSES and explained.direction is Direction.OUT:
        mood = "warn"
    saw = _SAW.get(rule.title)
    return RuleRow(
        say(language, title),
        "" if rule.name is None else say(language, key_of(rule.mode)),
        "" if saw is None or not rule.saw else " ".join(saw(rule.saw, language, zone)),
        said,
        mood,
        _SIGNS[mood],
        rule.decides,
    )


def _of(answer: DenyReason | AccessWarning, language: str) -> str:
    return say(language, key_of(answer))


Values = Mapping[str, Json]


def _known(saw: Values, language: str, zone: ZoneInfo) -> Iterator[str]:
    yield say(language, N_("The badge is entered.") if saw["known"] else N_("No such badge is entered."))


def _badge(saw: Values, language: str, zone: ZoneInfo) -> Iterator[str]:
    state = say(language, key_of_code(CredentialStatus, str(saw["status"])))
    yield say(language, N_("The badge: {state}."), state=state)


def _person(saw: Values, language: str, zone: ZoneInfo) -> Iterator[str]:
    state = say(language, key_of_code(CardholderStatus, str(saw["status"])))
    yield say(language, N_("The person: {state}."), state=state)


def _validity(saw: Values, language: str, zone: ZoneInfo) -> Iterator[str]:
    begins, ends = saw["valid_from"], saw["valid_until"]
    if begins is None and ends is None:
        yield say(language, N_("Valid without limit."))
    if begins is not None:
        yield say(language, N_("Valid from {time}."), time=_minute(begins, zone))
    if ends is not None:
        yield say(language, N_("Valid until {time}."), time=_minute(ends, zone))
    if saw["clock"] == "untrusted":
        yield say(language, N_("The clock could not be trusted."))


def _levels(saw: Values, language: str, zone: ZoneInfo) -> Iterator[str]:
    if saw["rules"]:
        yield say(language, N_("The person's access levels open this access point."))
    else:
        yield say(language, N_("None of the person's access levels opens this access point."))


def _schedules(saw: Values, language: str, zone: ZoneInfo) -> Iterator[str]:
    every, now_open = _names(saw["schedules"], language), _names(saw["open"], language)
    weekday = saw["weekday"]
    day = say(language, LONG_WEEKDAYS[weekday if isinstance(weekday, int) else 0])
    yield say(language, N_("It is {day}, {time}."), day=day, time=saw["clock_shows"])
    if not every:
        yield say(language, N_("There is no schedule to look at."))
    elif now_open:
        yield say(language, N_("Open now: {schedules}."), schedules=now_open)
    else:
        yield say(language, N_("Closed now: {schedules}."), schedules=every)


def _names(value: Json, language: str) -> str:
    names = [str(name) for name in value] if isinstance(value, list) else []
    return ", ".join(say(language, N_("always")) if name == "always" else name for name in names)


def _minute(value: Json, zone: ZoneInfo) -> str:
    return minute_text(datetime.fromisoformat(str(value)), zone)


_SAW: Mapping[str, Callable[[Values, str, ZoneInfo], Iterator[str]]] = {
    "credential_known": _known,
    "credential_status": _badge,
    "credential_validity": _validity,
    "cardholder_status": _person,
    "access_level": _levels,
    "schedule": _schedules,
}

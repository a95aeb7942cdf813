"""An explanation in sentences for pages and the command line: the facts, each rule's result, the verdict."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from controller.errors import N_
from controller.model.access import Direction
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Json
from controller.model.reasons import DenyReason
from controller.model.unproved import Unproved
from controller.services.explain.person import Explained, RuleExplanation, RuleResult
from controller.services.explain.record import ExplainedRecord
from web.rules.explain_notes import NOTES
from web.rules.observations import observation_sentences
from web.rules.observed import Values
from web.words.calendar_names import LONG_WEEKDAYS
from web.words.codes import code_message_key, message_key, warning_message_key
from web.words.words import Words

TITLES: Mapping[str, str] = {
    "credential_known": N_("Enrolment"),
    "authentication": N_("Key of the badge"),
    "credential_status": N_("State of the badge"),
    "credential_validity": N_("Validity of the badge"),
    "cardholder_status": N_("State of the person"),
    "access_level": N_("Access level"),
    "schedule": N_("Schedule"),
    "door_mode": N_("Mode of the door"),
    "lockdown": N_("Lockdown"),
    "pin": N_("PIN"),
    "leaving": N_("People who stay inside"),
}
RULE_RESULTS: Mapping[RuleResult, str] = {
    RuleResult.PASSES: N_("Passes"),
    RuleResult.REFUSES: N_("Refuses"),
    RuleResult.WAITS: N_("Waits for a second person"),
    RuleResult.WOULD_REFUSE: N_("Would refuse (observe only)"),
    RuleResult.WARNS: N_("Warns"),
    RuleResult.OFF: N_("Off"),
    RuleResult.NOT_APPLIED: N_("Not checked on leaving"),
}
_MOODS: Mapping[RuleResult, str] = {
    RuleResult.PASSES: "good",
    RuleResult.REFUSES: "bad",
    RuleResult.WAITS: "calm",
    RuleResult.WOULD_REFUSE: "warn",
    RuleResult.WARNS: "warn",
    RuleResult.OFF: "calm",
    RuleResult.NOT_APPLIED: "calm",
}
_SIGNS = {"good": "✓", "bad": "✕", "warn": "▲", "calm": ""}


@dataclass(frozen=True, slots=True)
class RuleRow:
    title: str
    mode: str
    saw: str
    result: str
    mood: str
    sign: str
    decides: bool


def rule_rows(explained: Explained, words: Words) -> list[RuleRow]:
    words = words.by(explained.book)
    return [_row(rule, explained, words) for rule in explained.explanation.rules]


def verdict(explained: Explained, words: Words) -> str:
    found = explained.explanation.verdict
    if explained.direction is Direction.OUT:
        if found.reason is None:
            return words.translate(N_("May leave."))
        return words.translate(
            N_("May leave, because leaving is always allowed; noted: {reason}"),
            reason=words.member(found.reason),
        )
    if found.reason is None:
        return words.translate(N_("Can enter."))
    if explained.explanation.stands_released is not None:
        return words.translate(
            N_("Can enter, because the door is released; noted: {reason}"),
            reason=words.member(found.reason),
        )
    if found.reason is DenyReason.SECOND_PERSON_NEEDED:
        return words.translate(N_("Waits for a second person, then both can enter."))
    return words.translate(N_("Cannot enter: {reason}"), reason=words.member(found.reason))


def ending(reason: DenyReason | None, words: Words) -> str:
    """How a tap ends."""
    return words.translate(N_("Admitted")) if reason is None else words.member(reason)


def recorded(found: ExplainedRecord, words: Words) -> str:
    """Return the recorded result in one sentence."""
    if found.result == "waiting":
        return words.translate(N_("Waiting for a second person"))
    if found.reason is not None:
        key = words.translate(code_message_key(DenyReason, found.reason))
        return words.translate(N_("Refused: {reason}"), reason=key)
    if noted := [*found.warnings, *found.observed]:
        key = words.join_list(words.translate(warning_message_key(code)) for code in noted)
        return words.translate(N_("Granted; noted: {reasons}"), reasons=key)
    return words.translate(N_("Granted"))


def agreement(found: ExplainedRecord, words: Words) -> str:
    if found.same is None:
        return ""
    if found.same:
        return words.translate(N_("A new check has the same result as the record."))
    return words.translate(
        N_("A new check has another result than the record: {verdict}"),
        verdict=verdict(found.explained, words),
    )


def notes(explained: Explained, words: Words) -> list[str]:
    return [words.translate(NOTES[note]) for note in explained.notes]


def _row(rule: RuleExplanation, explained: Explained, words: Words) -> RuleRow:
    title = TITLES.get(rule.title, rule.title) if rule.name is None else message_key(rule.name)
    result = words.translate(RULE_RESULTS[rule.result])
    if rule.answer is not None and rule.result is not RuleResult.WAITS:
        result = f"{result}: {words.member(rule.answer)}"
    mood = _MOODS[rule.result]
    if rule.result is RuleResult.REFUSES and explained.explanation.only_warns:
        mood = "warn"
    of_person = _SENTENCES.get(rule.title)
    sentences = (
        observation_sentences(rule.title, rule.saw, words)
        if of_person is None or not rule.saw
        else of_person(rule.saw, words)
    )
    return RuleRow(
        title=words.translate(title),
        mode=""
        if rule.name is None or rule.result in (RuleResult.OFF, RuleResult.NOT_APPLIED)
        else words.translate(message_key(rule.mode)),
        saw=" ".join(sentences),
        result=result,
        mood=mood,
        sign=_SIGNS[mood],
        decides=rule.decides,
    )


def _credential(saw: Values, words: Words) -> Iterator[str]:
    yield words.translate(
        N_("This badge is enrolled.") if saw["known"] else N_("This badge is not enrolled.")
    )


def _authentication(saw: Values, words: Words) -> Iterator[str]:
    if saw["unproved"]:
        yield words.translate(code_message_key(Unproved, str(saw["unproved"])))
    elif saw["shown"]:
        yield words.translate(N_("The card proved the key of the badge."))
    else:
        yield words.translate(
            N_("The card sent only its number, which can be copied. The door checked no key.")
        )


def _credential_status(saw: Values, words: Words) -> Iterator[str]:
    state = words.translate(code_message_key(CredentialStatus, str(saw["status"])))
    yield words.translate(N_("The badge: {state}."), state=state)


def _cardholder_status(saw: Values, words: Words) -> Iterator[str]:
    state = words.translate(code_message_key(CardholderStatus, str(saw["status"])))
    yield words.translate(N_("The person: {state}."), state=state)


def _credential_validity(saw: Values, words: Words) -> Iterator[str]:
    begins, ends = saw["valid_from"], saw["valid_until"]
    if begins is None and ends is None:
        yield words.translate(N_("Valid without limit."))
    if begins is not None:
        yield words.translate(N_("Valid from {time}."), time=words.recorded_minute(begins))
    if ends is not None:
        yield words.translate(N_("Valid until {time}."), time=words.recorded_minute(ends))
    if saw["clock"] == "untrusted":
        yield words.translate(N_("The clock could not be trusted."))


def _access_level(saw: Values, words: Words) -> Iterator[str]:
    if saw["hold"]:
        yield words.translate(N_("The person's access levels open this access point."))
        return
    ended, begins = saw["ended"], saw["begins"]
    if ended is not None:
        key = N_("The access level for this access point ended at {time}.")
        yield words.translate(key, time=words.recorded_minute(ended))
    if begins is not None:
        key = N_("The access level for this access point begins at {time}.")
        yield words.translate(key, time=words.recorded_minute(begins))
    if not saw["rules"]:
        yield words.translate(N_("None of the person's access levels opens this access point."))
    elif ended is None and begins is None:
        yield words.translate(N_("The access level that opens this access point is not valid at this time."))


def _schedule(saw: Values, words: Words) -> Iterator[str]:
    every, now_open = _names(saw["schedules"], words), _names(saw["open"], words)
    weekday = saw["weekday"]
    day = words.translate(LONG_WEEKDAYS[weekday if isinstance(weekday, int) else 0])
    yield words.translate(N_("It is {day}, {time}."), day=day, time=saw["clock_shows"])
    if not every:
        yield words.translate(N_("There is no schedule to check."))
    elif now_open:
        yield words.translate(N_("Open now: {schedules}."), schedules=now_open)
    else:
        yield words.translate(N_("Closed now: {schedules}."), schedules=every)


def _names(value: Json, words: Words) -> str:
    names = [str(name) for name in value] if isinstance(value, list) else []
    return words.join_list(words.translate(N_("always")) if name == "always" else name for name in names)


_SENTENCES: Mapping[str, Callable[[Values, Words], Iterator[str]]] = {
    "credential_known": _credential,
    "authentication": _authentication,
    "credential_status": _credential_status,
    "credential_validity": _credential_validity,
    "cardholder_status": _cardholder_status,
    "access_level": _access_level,
    "schedule": _schedule,
}

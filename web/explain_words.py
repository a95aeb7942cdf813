"""An explanation in sentences: what each rule saw, what it said, and what follows. Pages and command line."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from controller.config import Config
from controller.errors import N_
from controller.model.access import Direction
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Json
from controller.model.reasons import AccessWarning, DenyReason
from controller.model.unproved import Unproved
from controller.services.explain import Explained, RuleSaid, Said
from controller.services.explain_record import ExplainedRecord
from web.explain_floor_words import Telling, Values, floor_sentences
from web.explain_notes import NOTES
from web.labels import label
from web.language import say
from web.words import LONG_WEEKDAYS, key_of, key_of_code

TITLES: Mapping[str, str] = {
    "credential_known": N_("Badge known"),
    "authentication": N_("Key of the badge"),
    "credential_status": N_("State of the badge"),
    "credential_validity": N_("Validity of the badge"),
    "cardholder_status": N_("State of the person"),
    "access_level": N_("Access level"),
    "schedule": N_("Schedule"),
    "door_mode": N_("Mode of the door"),
    "lockdown": N_("Lockdown"),
    "pin": N_("PIN"),
    "leaving": N_("Whoever stays behind"),
}
SAID: Mapping[Said, str] = {
    Said.PASSES: N_("Passes"),
    Said.REFUSES: N_("Refuses"),
    Said.WAITS: N_("Waits for a second person"),
    Said.WOULD_REFUSE: N_("Would refuse (observe only)"),
    Said.WARNS: N_("Warns"),
    Said.OFF: N_("Off"),
    Said.NOT_ASKED: N_("Not asked of whoever leaves"),
}
_MOODS: Mapping[Said, str] = {
    Said.PASSES: "good",
    Said.REFUSES: "bad",
    Said.WAITS: "calm",
    Said.WOULD_REFUSE: "warn",
    Said.WARNS: "warn",
    Said.OFF: "calm",
    Said.NOT_ASKED: "calm",
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


def rule_rows(explained: Explained, language: str, config: Config) -> list[RuleRow]:
    def called(name: str) -> str:
        return label(config, language, name)

    telling = Telling(language, config.site.time_zone, explained.book, called)
    return [_row(rule, explained, telling) for rule in explained.explanation.rules]


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
    if explained.explanation.stands_released is not None:
        return say(
            language,
            N_("Walks in, because the door stands released; noted: {reason}"),
            reason=_of(found.reason, language),
        )
    if found.reason is DenyReason.SECOND_PERSON_NEEDED:
        return say(language, N_("Would wait for a second person, and come in with that one."))
    return say(language, N_("Would be refused: {reason}"), reason=_of(found.reason, language))


def ending(reason: DenyReason | None, language: str) -> str:
    """How a tap ends."""
    return say(language, N_("Let in")) if reason is None else _of(reason, language)


def recorded(found: ExplainedRecord, language: str) -> str:
    """What the record says, in one sentence."""
    if found.result == "waiting":
        return say(language, N_("Waiting for a second person"))
    if found.reason is not None:
        words = say(language, key_of_code(DenyReason, found.reason))
        return say(language, N_("Refused: {reason}"), reason=words)
    if noted := [*found.warnings, *found.observed]:
        words = ("、" if language == "ja" else "; ").join(_noted(code, language) for code in noted)
        return say(language, N_("Granted; noted: {reasons}"), reasons=words)
    return say(language, N_("Granted"))


def _noted(code: str, language: str) -> str:
    kind = AccessWarning if code in set(AccessWarning) else DenyReason
    return say(language, key_of_code(kind, code))


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


def _row(rule: RuleSaid, explained: Explained, telling: Telling) -> RuleRow:
    title = TITLES.get(rule.title, rule.title) if rule.name is None else key_of(rule.name)
    said = telling.say(SAID[rule.said])
    if rule.answer is not None and rule.said is not Said.WAITS:
        said = f"{said}: {_of(rule.answer, telling.language)}"
    mood = _MOODS[rule.said]
    if rule.said is Said.REFUSES and explained.explanation.only_warns:
        mood = "warn"
    of_person = _SAW.get(rule.title)
    sentences = (
        floor_sentences(rule.title, rule.saw, telling)
        if of_person is None or not rule.saw
        else of_person(rule.saw, telling)
    )
    return RuleRow(
        telling.say(title),
        ""
        if rule.name is None or rule.said in (Said.OFF, Said.NOT_ASKED)
        else telling.say(key_of(rule.mode)),
        " ".join(sentences),
        said,
        mood,
        _SIGNS[mood],
        rule.decides,
    )


def _of(answer: DenyReason | AccessWarning, language: str) -> str:
    return say(language, key_of(answer))


def _known(saw: Values, telling: Telling) -> Iterator[str]:
    yield telling.say(N_("The badge is entered.") if saw["known"] else N_("No such badge is entered."))


def _proof(saw: Values, telling: Telling) -> Iterator[str]:
    if saw["unproved"]:
        yield telling.say(key_of_code(Unproved, str(saw["unproved"])))
    elif saw["shown"]:
        yield telling.say(N_("The card proved the key of the badge."))
    else:
        yield telling.say(N_("The card showed its number only, which can be copied; no key was asked for."))


def _badge(saw: Values, telling: Telling) -> Iterator[str]:
    state = telling.say(key_of_code(CredentialStatus, str(saw["status"])))
    yield telling.say(N_("The badge: {state}."), state=state)


def _person(saw: Values, telling: Telling) -> Iterator[str]:
    state = telling.say(key_of_code(CardholderStatus, str(saw["status"])))
    yield telling.say(N_("The person: {state}."), state=state)


def _validity(saw: Values, telling: Telling) -> Iterator[str]:
    begins, ends = saw["valid_from"], saw["valid_until"]
    if begins is None and ends is None:
        yield telling.say(N_("Valid without limit."))
    if begins is not None:
        yield telling.say(N_("Valid from {time}."), time=telling.minute(begins))
    if ends is not None:
        yield telling.say(N_("Valid until {time}."), time=telling.minute(ends))
    if saw["clock"] == "untrusted":
        yield telling.say(N_("The clock could not be trusted."))


def _levels(saw: Values, telling: Telling) -> Iterator[str]:
    if saw["hold"]:
        yield telling.say(N_("The person's access levels open this access point."))
        return
    ended, begins = saw["ended"], saw["begins"]
    if ended is not None:
        words = N_("The access level for this access point ended at {time}.")
        yield telling.say(words, time=telling.minute(ended))
    if begins is not None:
        words = N_("The access level for this access point begins at {time}.")
        yield telling.say(words, time=telling.minute(begins))
    if not saw["rules"]:
        yield telling.say(N_("None of the person's access levels opens this access point."))
    elif ended is None and begins is None:
        yield telling.say(N_("The access level that opens this access point does not hold at this time."))


def _schedules(saw: Values, telling: Telling) -> Iterator[str]:
    every, now_open = _names(saw["schedules"], telling), _names(saw["open"], telling)
    weekday = saw["weekday"]
    day = telling.say(LONG_WEEKDAYS[weekday if isinstance(weekday, int) else 0])
    yield telling.say(N_("It is {day}, {time}."), day=day, time=saw["clock_shows"])
    if not every:
        yield telling.say(N_("There is no schedule to look at."))
    elif now_open:
        yield telling.say(N_("Open now: {schedules}."), schedules=now_open)
    else:
        yield telling.say(N_("Closed now: {schedules}."), schedules=every)


def _names(value: Json, telling: Telling) -> str:
    names = [str(name) for name in value] if isinstance(value, list) else []
    return telling.listed(telling.say(N_("always")) if name == "always" else name for name in names)


_SAW: Mapping[str, Callable[[Values, Telling], Iterator[str]]] = {
    "credential_known": _known,
    "authentication": _proof,
    "credential_status": _badge,
    "credential_validity": _validity,
    "cardholder_status": _person,
    "access_level": _levels,
    "schedule": _schedules,
}

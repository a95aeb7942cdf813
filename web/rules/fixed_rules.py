"""The rules that always apply, on the pages: their titles, and their observations in sentences."""

from collections.abc import Callable, Iterator, Mapping

from controller.errors import N_
from controller.model.access import PinResult, RightsState
from controller.model.credentials import CardholderStatus, CredentialStatus
from controller.model.events import Json
from controller.model.rule_book import DoorMode
from controller.model.unproved import Unproved
from web.rules.observations import Values, list_of
from web.words.calendar_names import LONG_WEEKDAYS
from web.words.codes import code_message_key
from web.words.words import Words

TITLES: Mapping[str, str] = {
    "credential_known": N_("Enrolment"),
    "rights_on_record": N_("Rights on record"),
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


def _credential(observations: Values, words: Words) -> Iterator[str]:
    yield words.translate(
        N_("This badge is enrolled.") if observations["known"] else N_("This badge is not enrolled.")
    )


def _rights(observations: Values, words: Words) -> Iterator[str]:
    yield words.translate(code_message_key(RightsState, str(observations["rights"])))


def _authentication(observations: Values, words: Words) -> Iterator[str]:
    if observations["unproved"]:
        yield words.translate(code_message_key(Unproved, str(observations["unproved"])))
    elif observations["shown"]:
        yield words.translate(N_("The card proved the key of the badge."))
    else:
        yield words.translate(
            N_("The card sent only its number, which can be copied. The door checked no key.")
        )


def _credential_status(observations: Values, words: Words) -> Iterator[str]:
    state = words.translate(code_message_key(CredentialStatus, str(observations["status"])))
    yield words.translate(N_("The badge: {state}."), state=state)


def _cardholder_status(observations: Values, words: Words) -> Iterator[str]:
    state = words.translate(code_message_key(CardholderStatus, str(observations["status"])))
    yield words.translate(N_("The person: {state}."), state=state)


def _credential_validity(observations: Values, words: Words) -> Iterator[str]:
    begins, ends = observations["valid_from"], observations["valid_until"]
    if begins is None and ends is None:
        yield words.translate(N_("Valid without limit."))
    if begins is not None:
        yield words.translate(N_("Valid from {time}."), time=words.recorded_minute(begins))
    if ends is not None:
        yield words.translate(N_("Valid until {time}."), time=words.recorded_minute(ends))
    if observations["clock"] == "untrusted":
        yield words.translate(N_("The clock could not be trusted."))


def _access_level(observations: Values, words: Words) -> Iterator[str]:
    if observations["hold"]:
        yield words.translate(N_("The person's access levels open this access point."))
        return
    ended, begins = observations["ended"], observations["begins"]
    if ended is not None:
        key = N_("The access level for this access point ended at {time}.")
        yield words.translate(key, time=words.recorded_minute(ended))
    if begins is not None:
        key = N_("The access level for this access point begins at {time}.")
        yield words.translate(key, time=words.recorded_minute(begins))
    if not observations["rules"]:
        yield words.translate(N_("None of the person's access levels opens this access point."))
    elif ended is None and begins is None:
        yield words.translate(N_("The access level that opens this access point is not valid at this time."))


def _schedule(observations: Values, words: Words) -> Iterator[str]:
    every, now_open = _names(observations["schedules"], words), _names(observations["open"], words)
    weekday = observations["weekday"]
    day = words.translate(LONG_WEEKDAYS[weekday if isinstance(weekday, int) else 0])
    yield words.translate(N_("It is {day}, {time}."), day=day, time=observations["clock_shows"])
    if not every:
        yield words.translate(N_("There is no schedule to check."))
    elif now_open:
        yield words.translate(N_("Open now: {schedules}."), schedules=now_open)
    else:
        yield words.translate(N_("Closed now: {schedules}."), schedules=every)


def _names(value: Json, words: Words) -> str:
    names = [str(name) for name in value] if isinstance(value, list) else []
    return words.join_list(words.translate(N_("always")) if name == "always" else name for name in names)


def _door_mode(observations: Values, words: Words) -> Iterator[str]:
    mode = words.translate(code_message_key(DoorMode, str(observations["mode"])))
    yield words.translate(N_("Mode of the door: {mode}."), mode=mode)
    yield from _override(observations, words)


def _lockdown(observations: Values, words: Words) -> Iterator[str]:
    if observations["lockdowns"]:
        places = words.join_list(words.area(str(name)) for name in list_of(observations["lockdowns"]))
        yield words.translate(N_("There is a lockdown here: {places}."), places=places)
        yield from _override(observations, words)
    else:
        yield words.translate(N_("There is no lockdown here."))


def _pin(observations: Values, words: Words) -> Iterator[str]:
    if observations["mode"] != DoorMode.CARD_PIN:
        yield words.translate(N_("The door requires no PIN."))
        return
    texts = {
        PinResult.NONE: N_("No PIN was entered."),
        PinResult.NOT_SET: N_("This person has no PIN."),
        PinResult.RIGHT: N_("The PIN was right."),
        PinResult.DURESS: N_("The PIN was right."),
        PinResult.WRONG: N_("The PIN was wrong."),
        PinResult.LOCKED: N_("The PIN was not checked, after too many wrong ones."),
    }
    yield words.translate(texts[PinResult(str(observations["pin"]))])


def _leaving(observations: Values, words: Words) -> Iterator[str]:
    key = N_("Inside before: {inside}, of them supervisors: {supervisors}.")
    yield words.translate(key, inside=observations["inside"], supervisors=observations["supervisors"])


def _override(observations: Values, words: Words) -> Iterator[str]:
    if observations["overrides"]:
        yield words.translate(N_("The person may override it."))


SENTENCES: Mapping[str, Callable[[Values, Words], Iterator[str]]] = {
    "credential_known": _credential,
    "rights_on_record": _rights,
    "authentication": _authentication,
    "credential_status": _credential_status,
    "credential_validity": _credential_validity,
    "cardholder_status": _cardholder_status,
    "access_level": _access_level,
    "schedule": _schedule,
    "door_mode": _door_mode,
    "lockdown": _lockdown,
    "pin": _pin,
    "leaving": _leaving,
}

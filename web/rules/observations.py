"""The facts that the rules saw, in sentences."""

from collections.abc import Callable, Iterator, Mapping

from controller.errors import N_
from controller.model.access import PinResult
from controller.model.rule_book import DoorMode
from controller.model.rules.order import RuleName
from web.rules.observed import (
    Values,
    list_of,
    override_sentences,
)
from web.rules.order import explanation
from web.words.codes import code_message_key
from web.words.words import Words


def observation_sentences(title: str, saw: Values, words: Words) -> Iterator[str]:
    if not saw:
        return
    if saw.get("presence_known") is False:
        yield words.translate(N_("The door did not know yet who was inside."))
    elif "area" in saw:
        yield words.translate(N_("This access point leads into no area."))
    elif title in {name.value for name in RuleName}:
        yield from explanation(RuleName(title), saw, words)
    elif title in _SENTENCES:
        yield from _SENTENCES[title](saw, words)


def _door_mode(saw: Values, words: Words) -> Iterator[str]:
    mode = words.translate(code_message_key(DoorMode, str(saw["mode"])))
    yield words.translate(N_("Mode of the door: {mode}."), mode=mode)
    yield from override_sentences(saw, words)


def _lockdown(saw: Values, words: Words) -> Iterator[str]:
    if saw["lockdowns"]:
        places = words.join_list(words.area(str(name)) for name in list_of(saw["lockdowns"]))
        yield words.translate(N_("There is a lockdown here: {places}."), places=places)
        yield from override_sentences(saw, words)
    else:
        yield words.translate(N_("There is no lockdown here."))


def _pin(saw: Values, words: Words) -> Iterator[str]:
    if saw["mode"] != DoorMode.CARD_PIN:
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
    yield words.translate(texts[PinResult(str(saw["pin"]))])


def _leaving(saw: Values, words: Words) -> Iterator[str]:
    key = N_("Inside before: {inside}, of them supervisors: {supervisors}.")
    yield words.translate(key, inside=saw["inside"], supervisors=saw["supervisors"])


_SENTENCES: Mapping[str, Callable[[Values, Words], Iterator[str]]] = {
    "door_mode": _door_mode,
    "lockdown": _lockdown,
    "pin": _pin,
    "leaving": _leaving,
}

"""What the modes of a door do, in sentences."""

from collections.abc import Mapping

from controller.errors import N_
from controller.model.rule_book import DoorMode, DoorRules, ScheduledMode
from web.words.words import Words


def mode_sentence(words: Words, mode: DoorMode) -> str:
    return words.translate(_MODES[mode])


_MODES: Mapping[DoorMode, str] = {
    DoorMode.LOCKED: N_("Only people who may pass a locked door can enter; leaving is free."),
    DoorMode.UNLOCKED: N_("The lock is released: anybody can enter without a badge."),
    DoorMode.CARD: N_("Anyone allowed in presents a badge."),
    DoorMode.CARD_PIN: N_("Anyone allowed in presents a badge and enters the PIN."),
    DoorMode.BLOCKED: N_("Nobody can enter; leaving is free."),
}


def scheduled_sentence(words: Words, one: ScheduledMode) -> str:
    sentence = mode_sentence(words, one.mode)
    schedule = words.translate(N_("always")) if one.schedule == "always" else one.schedule
    if one.first_person:
        names = words.categories(one.first_person)
        key = N_("In the schedule “{schedule}”, after one of these has entered ({names}): {sentence}")
        return words.translate(key, schedule=schedule, names=names, sentence=sentence)
    key = N_("In the schedule “{schedule}”: {sentence}")
    return words.translate(key, schedule=schedule, sentence=sentence)


def door_sentences(words: Words, door: DoorRules) -> list[str]:
    """Every mode it has, in the order in which they are asked."""
    usual = mode_sentence(words, door.mode)
    if not door.scheduled:
        return [usual]
    otherwise = words.translate(N_("Otherwise: {sentence}"), sentence=usual)
    return [*(scheduled_sentence(words, one) for one in door.scheduled), otherwise]

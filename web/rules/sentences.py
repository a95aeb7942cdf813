"""What the rules do, in sentences: for the pages that edit, compare and explain them. A function per rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from controller.errors import N_
from controller.model.credentials import Assurance
from controller.model.rule_book import DoorMode, DoorRules, RuleBook, ScheduledMode
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from web.words.labels import Labelled, in_language
from web.words.language import join_list, join_sentences, translate
from web.words.words import message_key


@dataclass(frozen=True, slots=True)
class Speaker:
    """Whose words: `place` is the site's name for a door or an access point."""

    book: RuleBook
    language: str
    place: Callable[[str], str]
    day_ends: time  # local time

    def translate(self, key: str, **fields: object) -> str:
        return translate(self.language, key, **fields)

    def categories(self, names: Iterable[str]) -> str:
        return self._named(names, self.book.categories)

    def qualifications(self, names: Iterable[str]) -> str:
        return self._named(names, self.book.qualifications)

    def areas(self, names: Iterable[str]) -> str:
        return self._named(names, self.book.areas)

    def places(self, names: Iterable[str]) -> str:
        return self.listed(self.place(name) for name in names)

    def listed(self, texts: Iterable[str]) -> str:
        return join_list(self.language, texts)

    def joined(self, sentences: Iterable[str]) -> str:
        return join_sentences(self.language, sentences)

    def _named(self, names: Iterable[str], words: Mapping[str, Labelled]) -> str:
        return self.listed(
            in_language(words[name], self.language) if name in words else name for name in names
        )


def rule_sentence(speaker: Speaker, name: RuleName, setting: RuleSetting) -> str:
    """Without its mode, which is beside it."""
    return _OF[name](speaker, setting)


def _assurance(speaker: Speaker, setting: AssuranceSetting) -> str:
    least = min(max(setting.least, 0), max(Assurance))
    proof = speaker.translate(message_key(Assurance(least)))
    return speaker.translate(N_("Only badges with at least this assurance can enter: {proof}."), proof=proof)


def _qualifications(speaker: Speaker, setting: QualificationsSetting) -> str:
    names = speaker.qualifications(setting.required)
    return speaker.translate(N_("Only people with these qualifications can enter: {names}."), names=names)


def _prerequisite(speaker: Speaker, setting: PrerequisiteSetting) -> str:
    place, time = speaker.place(setting.access_point), speaker.day_ends.strftime("%H:%M")
    sentence = speaker.translate(
        N_("Nobody can enter without passing {place} earlier on the same day, which ends at {time}."),
        place=place,
        time=time,
    )
    if setting.since is not PrerequisiteSince.LAST_EXIT:
        return sentence
    again = speaker.translate(N_("Anyone who has left since then must pass {place} again."), place=place)
    return speaker.joined([sentence, again])


def _anti_passback(speaker: Speaker, setting: AntiPassbackSetting) -> str:
    sentences = []
    if setting.area:
        sentences.append(speaker.translate(N_("People inside cannot enter again before they leave.")))
        if setting.until is PassbackUntil.DAY_ENDS:
            key = N_("A missed tap out no longer counts once the day ends, at {time}.")
            sentences.append(speaker.translate(key, time=speaker.day_ends.strftime("%H:%M")))
        else:
            key = N_("A missed tap out counts until the person taps out or an operator corrects it.")
            sentences.append(speaker.translate(key))
    if setting.minutes:
        key = N_("Nobody can enter a second time within {minutes} minutes.")
        sentences.append(speaker.translate(key, minutes=setting.minutes))
    if setting.outer_first:
        key = N_("Nobody can enter an inner area without entering the outer area first.")
        sentences.append(speaker.translate(key))
    return speaker.joined(sentences)


def _first_person_in(speaker: Speaker, setting: FirstPersonInSetting) -> str:
    names = speaker.categories(setting.categories)
    return speaker.translate(
        N_("Nobody can enter before one of these on the same day, which ends at {time}: {names}."),
        names=names,
        time=speaker.day_ends.strftime("%H:%M"),
    )


def _supervisor_present(speaker: Speaker, setting: SupervisorPresentSetting) -> str:
    names = speaker.categories(setting.categories)
    return speaker.translate(
        N_("These people cannot enter unless a supervisor is inside: {names}."), names=names
    )


def _escort(speaker: Speaker, setting: EscortSetting) -> str:
    names, escorts = speaker.categories(setting.categories), speaker.categories(setting.escorts)
    if setting.seconds == 0:
        key = N_("{names} can enter only while one of these people is inside: {escorts}.")
        return speaker.translate(key, names=names, escorts=escorts)
    return speaker.translate(
        N_(
            "{names} can enter only within {seconds} seconds after one of these people, at the same "
            "entry, who is still inside: {escorts}."
        ),
        names=names,
        seconds=setting.seconds,
        escorts=escorts,
    )


def _staff_mix(speaker: Speaker, setting: StaffMixSetting) -> str:
    sentences = []
    if count := setting.people_per_supervisor:
        key = N_("Every {count} people inside need one supervisor.")
        sentences.append(speaker.translate(key, count=count))
    if percent := setting.regular_percent:
        key = N_("At least {percent} percent of the people inside must be regular staff.")
        sentences.append(speaker.translate(key, percent=percent))
    if count := setting.regular_least:
        key = N_("At least {count} of the people inside must be regular staff.")
        sentences.append(speaker.translate(key, count=count))
    if setting.alarm:
        sentences.append(speaker.translate(N_("An exit that breaks this raises an alarm.")))
    return speaker.joined(sentences)


def _occupancy(speaker: Speaker, setting: OccupancySetting) -> str:
    sentences = []
    if setting.most:
        key = N_("At most {count} people can be inside.")
        sentences.append(speaker.translate(key, count=setting.most))
    if setting.least:
        key = N_("An exit that leaves fewer than {count} people inside is recorded as a warning.")
        if setting.alarm:
            key = N_("An exit that leaves fewer than {count} people inside raises an alarm.")
        sentences.append(speaker.translate(key, count=setting.least))
    return speaker.joined(sentences)


def _interlock(speaker: Speaker, setting: InterlockSetting) -> str:
    names = speaker.places(setting.doors)
    return speaker.translate(
        N_("Nobody can enter while one of these doors is open or released: {names}."), names=names
    )


def _dual_access(speaker: Speaker, setting: DualAccessSetting) -> str:
    key = N_("Two people with access must tap within {seconds} seconds.")
    sentences = [speaker.translate(key, seconds=setting.seconds)]
    if count := setting.unless_inside:
        more = N_("While {count} or more people are inside, one person is enough.")
        sentences.append(speaker.translate(more, count=count))
    return speaker.joined(sentences)


_OF: Mapping[RuleName, Callable[[Speaker, Any], str]] = {
    RuleName.ASSURANCE: _assurance,
    RuleName.QUALIFICATIONS: _qualifications,
    RuleName.PREREQUISITE: _prerequisite,
    RuleName.ANTI_PASSBACK: _anti_passback,
    RuleName.FIRST_PERSON_IN: _first_person_in,
    RuleName.SUPERVISOR_PRESENT: _supervisor_present,
    RuleName.ESCORT: _escort,
    RuleName.STAFF_MIX: _staff_mix,
    RuleName.OCCUPANCY: _occupancy,
    RuleName.INTERLOCK: _interlock,
    RuleName.DUAL_ACCESS: _dual_access,
}


def mode_sentence(speaker: Speaker, mode: DoorMode) -> str:
    return speaker.translate(_MODES[mode])


_MODES: Mapping[DoorMode, str] = {
    DoorMode.LOCKED: N_("Only people who may pass a locked door can enter; leaving is free."),
    DoorMode.UNLOCKED: N_("The lock is released: anybody can enter without a badge."),
    DoorMode.CARD: N_("Anyone allowed in presents a badge."),
    DoorMode.CARD_PIN: N_("Anyone allowed in presents a badge and enters the PIN."),
    DoorMode.BLOCKED: N_("Nobody can enter; leaving is free."),
}


def scheduled_sentence(speaker: Speaker, one: ScheduledMode) -> str:
    sentence = mode_sentence(speaker, one.mode)
    schedule = speaker.translate(N_("always")) if one.schedule == "always" else one.schedule
    if one.first_person:
        names = speaker.categories(one.first_person)
        key = N_("In the schedule “{schedule}”, after one of these has entered ({names}): {sentence}")
        return speaker.translate(key, schedule=schedule, names=names, sentence=sentence)
    key = N_("In the schedule “{schedule}”: {sentence}")
    return speaker.translate(key, schedule=schedule, sentence=sentence)


def door_sentences(speaker: Speaker, door: DoorRules) -> list[str]:
    """Every mode it has, in the order in which they are asked."""
    usual = mode_sentence(speaker, door.mode)
    if not door.scheduled:
        return [usual]
    otherwise = speaker.translate(N_("Otherwise: {sentence}"), sentence=usual)
    return [*(scheduled_sentence(speaker, one) for one in door.scheduled), otherwise]

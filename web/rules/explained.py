"""An explanation in sentences for pages and the command line: the facts, each rule's result, the verdict."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.errors import N_
from controller.model.access import Direction
from controller.model.reasons import DenyReason
from controller.model.rules.order import RuleName
from controller.services.explain.person import Explained, ExplainNote, RuleExplanation, RuleResult
from controller.services.explain.record import ExplainedRecord
from web.rules.fixed_rules import SENTENCES, TITLES
from web.rules.observations import Values
from web.rules.order import explanation
from web.words.codes import code_message_key, message_key, warning_message_key
from web.words.words import Words

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

NOTES: Mapping[ExplainNote, str] = {
    ExplainNote.STILL_TO_COME: N_(
        "This time is in the future; this answer uses today's people, rules and presence."
    ),
    ExplainNote.PEOPLE_AS_NOW: N_("This answer uses today's person, access levels and schedules."),
    ExplainNote.DOORS_NOT_KNOWN: N_(
        "The state of the doors at that time is unknown; this answer takes them as closed."
    ),
    ExplainNote.NOT_THE_ONLY_BADGE: N_(
        "The person has several badges; this answer is about the badge shown here."
    ),
    ExplainNote.AS_KEPT: N_(
        "The record stores the facts that the rules used, so later changes make no difference."
    ),
    ExplainNote.NOTHING_KEPT: N_(
        "This record has no stored facts; this answer uses today's person, access levels and schedules."
    ),
    ExplainNote.SCHEDULES_NOT_KEPT: N_(
        "There were too many schedules to store; this answer uses today's schedules."
    ),
    ExplainNote.ERASED: N_(
        "The person was erased, together with the facts that the rules used; only the record itself remains."
    ),
    ExplainNote.NOT_UNDERSTOOD: N_(
        "The stored facts of this record are in a version that this program does not know."
    ),
    ExplainNote.NO_RULE_ASKED: N_("The badge is unknown, so no rule was checked."),
    ExplainNote.PIN_ASSUMED: N_("The door requires a PIN; this answer takes the right PIN as entered."),
    ExplainNote.TOGETHER: N_("Two people entered together, each as the second person of the other."),
    ExplainNote.RULES_GONE: N_(
        "The version of the rules that decided is no longer stored; this answer uses the rules in force now."
    ),
}


@dataclass(frozen=True, slots=True)
class RuleRow:
    title: str
    mode: str
    observations: str
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
    return RuleRow(
        title=words.translate(title),
        mode=""
        if rule.name is None or rule.result in (RuleResult.OFF, RuleResult.NOT_APPLIED)
        else words.translate(message_key(rule.mode)),
        observations=" ".join(observation_sentences(rule.title, rule.observations, words)),
        result=result,
        mood=mood,
        sign=_SIGNS[mood],
        decides=rule.decides,
    )


def observation_sentences(title: str, observations: Values, words: Words) -> Iterator[str]:
    """Sentences for the observations of the rule of this title."""
    if not observations:
        return
    if observations.get("presence_known") is False:
        yield words.translate(N_("The door did not know yet who was inside."))
    elif "area" in observations:
        yield words.translate(N_("This access point leads into no area."))
    elif title in {name.value for name in RuleName}:
        yield from explanation(RuleName(title), observations, words)
    elif title in SENTENCES:
        yield from SENTENCES[title](observations, words)

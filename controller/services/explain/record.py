"""Explain why a recorded tap was refused or granted: every rule as it was at that record of the log.

The rules are the version that the record names, presence is folded from the log up to the record, and a
refusal contains the other facts that the rules saw. Without those facts the people and schedules of now are
used, and the explanation notes it. The result is always compared with the record.
"""

from dataclasses import dataclass, replace
from typing import Any

from controller.decision.access import Verdict
from controller.decision.explain import Explanation
from controller.decision.explain import explain as ask_rules
from controller.decision.facts import Facts
from controller.decision.leaving import LATER_WARNINGS
from controller.decision.stored_facts import StoredFacts, decode_facts
from controller.errors import N_, NotFound
from controller.journal.query import LogEntry
from controller.model.access import (
    AccessRecord,
    AccessRequest,
    Direction,
    PinResult,
    RightsState,
    StandsReleased,
)
from controller.model.credentials import Assurance, CredentialKind
from controller.model.events import EventType
from controller.model.moment import ClockState, Moment
from controller.model.reasons import AccessWarning, DenyReason, agrees
from controller.model.rule_book import RuleBook
from controller.model.unproved import unproved_of
from controller.registry import rule_books
from controller.services.acting import Acting
from controller.services.explain import past_facts
from controller.services.explain.current_facts import access_record, facts_now, with_modes
from controller.services.explain.person import Explained, ExplainNote, RuleResult
from controller.services.log.entry_log import record_view
from controller.services.rights import Right

__all__ = ["ExplainedRecord", "explain_record", "is_explainable"]

_EXPLAINABLE = frozenset({EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED, EventType.ACCESS_WAITING})
# Reasons found before or after the rules: no rule gives them.
_NO_RULE = frozenset(
    {
        DenyReason.CARD_NUMBER_RANDOM,
        DenyReason.CARD_UNREADABLE,
        DenyReason.REGISTRY_UNAVAILABLE,
        DenyReason.JOURNAL_UNAVAILABLE,
    }
)


# Records of earlier versions do not have these warnings.
_NOT_ALWAYS_NOTED = LATER_WARNINGS | {AccessWarning.LOCKDOWN_OVERRIDDEN}


@dataclass(frozen=True, slots=True)
class ExplainedRecord:
    """`same`: asked again, the rules give the recorded result. None if no rule could be asked.

    `assurance`: what the card proved, by the record; None if the card was not accepted as its badge.
    """

    seq: int
    result: str | None
    reason: str | None
    observed: tuple[str, ...]
    warnings: tuple[str, ...]
    same: bool | None
    assurance: Assurance | None
    explained: Explained


def is_explainable(entry: LogEntry) -> bool:
    return entry.type in _EXPLAINABLE and entry.access_point is not None and entry.door is not None


def explain_record(acting: Acting, seq: int) -> ExplainedRecord:
    """Explain the record with the number `seq`. Records the view."""
    acting.require(Right.VIEW_LOG)
    acting.require(Right.VIEW_PRESENCE)
    entry = acting.site.journal.entry(seq)
    if entry is None:
        raise NotFound(N_("There is no record No. {seq} in the log."), seq=seq)
    if not is_explainable(entry) or entry.door is None or entry.access_point is None:
        raise NotFound(
            N_("Record No. {seq} is not a tap; only grants and refusals at a reader can be explained."),
            seq=seq,
        )
    then = past_facts.before_record(acting.site, seq)
    details = entry.details or {}
    seen = decode_facts(details["seen"]) if "seen" in details else None
    notes = _notes(entry, seen)
    at = Moment(entry.utc, entry.mono_ms, entry.boot, ClockState(entry.clock))
    with acting.site.registry.read() as db:
        now = facts_now(acting.site, db)
        version = _number(entry.codes.get("rules"))
        book = rule_books.book(db, version) if version else RuleBook()
        if book is None:
            notes.append(ExplainNote.RULES_GONE)
        registered = None
        if entry.credential is not None and (seen is None or not seen.complete):
            registered = access_record(acting.site, db, entry.credential, entry.access_point)
    lockdowns = frozenset[str]()
    if seen is None:
        lockdowns = past_facts.lockdowns_before(acting.site, lambda one: one.seq < seq)
    presence = None if entry.codes.get("presence_unknown") else then.presence
    facts = replace(now, book=book or now.book, presence=presence, lockdowns=lockdowns)
    request = AccessRequest(
        door=entry.door,
        access_point=entry.access_point,
        reader=entry.reader or "",
        direction=Direction(entry.direction or "in"),
        kind=CredentialKind.FELICA,  # no rule asks which
        card_hash=b"",
        last_four=_text(details.get("last_four")),
        record=registered,
        registry_version=entry.registry or 0,
        assurance=Assurance(entry.assurance or 0),
        unproved=unproved_of(entry.codes.get("unproved"), entry.reason),
    )
    if seen is None:
        facts = _with_recorded_release(with_modes(acting.site, facts, at), entry, entry.door)
        request = replace(request, pin=PinResult.RIGHT, rights=_recorded_rights(entry))
    else:
        request, at, facts = _as_seen(entry, seen, registered, request, at=at, facts=facts)
    explanation = ask_rules(request, at, facts)
    if ExplainNote.NO_RULE_ASKED in notes:
        explanation = replace(explanation, rules=())
    if "with" in entry.codes:
        explanation = _together(explanation)
        notes.append(ExplainNote.TOGETHER)
    explained = Explained(
        person=entry.person,
        name=_text(details.get("name")),
        last_four=request.last_four,
        door=entry.door,
        access_point=entry.access_point,
        direction=request.direction,
        at=at,
        book=facts.book,
        explanation=explanation,
        notes=tuple(notes),
    )
    record_view(acting, {"view": "explain", "person": entry.person, "numbers": seq})
    observed, warnings = _listed(entry.codes.get("observed")), _listed(entry.codes.get("warning"))
    same = None if ExplainNote.NO_RULE_ASKED in notes else _agrees(entry, observed, warnings, explanation)
    assurance = next((one for one in Assurance if one == entry.assurance), None)
    if request.unproved is not None:
        assurance = None
    return ExplainedRecord(
        seq=seq,
        result=entry.result,
        reason=entry.reason,
        observed=observed,
        warnings=warnings,
        same=same,
        assurance=assurance,
        explained=explained,
    )


def _recorded_rights(entry: LogEntry) -> RightsState:
    if AccessWarning.UNACCOUNTED_ADMITTED in _listed(entry.codes.get("warning")):
        return RightsState.UNACCOUNTED_ADMITTED
    return RightsState.IN_FORCE if "rights_seq" in entry.codes else RightsState.UNCHECKED


def _with_recorded_release(facts: Facts, entry: LogEntry, door: str) -> Facts:
    """Take the door's released state from the record, not from its schedules."""
    code = entry.codes.get("stands_released")
    by = next((one for one in StandsReleased if one == code), None)
    return replace(facts, doors={**facts.doors, door: replace(facts.door(door), stands_released=by)})


def _notes(entry: LogEntry, seen: StoredFacts | None) -> list[ExplainNote]:
    if entry.reason in _NO_RULE and entry.person is None:
        return [ExplainNote.NO_RULE_ASKED]
    if entry.person is None:
        return []
    if seen is not None:
        return (
            [ExplainNote.AS_KEPT] if seen.complete else [ExplainNote.AS_KEPT, ExplainNote.SCHEDULES_NOT_KEPT]
        )
    if entry.erased:
        return [ExplainNote.ERASED]
    return [
        ExplainNote.NOT_UNDERSTOOD if "seen" in (entry.details or {}) else ExplainNote.NOTHING_KEPT,
        ExplainNote.DOORS_NOT_KNOWN,
    ]


def _as_seen(
    entry: LogEntry,
    seen: StoredFacts,
    registered: AccessRecord | None,
    request: AccessRequest,
    at: Moment,
    facts: Facts,
) -> tuple[AccessRequest, Moment, Facts]:
    record = seen.record(entry.person or "", entry.credential or "", request.access_point)
    if not seen.complete and registered is not None:
        record = replace(record, rules=registered.rules)
    return (
        replace(request, record=record, pin=seen.pin, rights=seen.rights),
        replace(at, not_before=seen.not_before),
        replace(
            facts,
            lockdowns=seen.lockdowns,
            doors=seen.doors,
            day_types=seen.day_types,
            presence=facts.presence if seen.presence_known else None,
        ),
    )


def _together(explanation: Explanation) -> Explanation:
    """Correct the answer about a second person: a rule asked about one person cannot see the other's tap."""
    verdict = explanation.verdict
    if verdict.reason is not DenyReason.SECOND_PERSON_NEEDED:
        return explanation
    rules = tuple(
        replace(
            rule,
            observations={**rule.observations, "first": True},
            result=RuleResult.PASSES,
            answer=None,
            decides=False,
        )
        if rule.answer is DenyReason.SECOND_PERSON_NEEDED
        else rule
        for rule in explanation.rules
    )
    return replace(explanation, rules=rules, verdict=replace(verdict, reason=None))


def _agrees(
    entry: LogEntry, observed: tuple[str, ...], warnings: tuple[str, ...], explanation: Explanation
) -> bool:
    verdict: Verdict = explanation.verdict
    warned = [one.value for one in verdict.warnings if one.value in warnings or one not in _NOT_ALWAYS_NOTED]
    if explanation.only_warns:
        if verdict.reason is not None:
            warned.insert(0, verdict.reason.value)
        reason = None
    else:
        reason = verdict.reason
    found = (reason, *verdict.observed, *warned)
    recorded = (entry.reason, *observed, *warnings)
    same_lengths = (len(observed), len(warnings)) == (len(verdict.observed), len(warned))
    return same_lengths and all(agrees(before, now) for before, now in zip(recorded, found, strict=True))


def _listed(codes: Any) -> tuple[str, ...]:
    return tuple(codes.split(",")) if isinstance(codes, str) and codes else ()


def _number(code: Any) -> int:
    return code if isinstance(code, int) else 0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""

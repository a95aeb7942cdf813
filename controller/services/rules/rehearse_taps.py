"""Ask the edited rules about the taps of the log again, one by one, by number.

The replay compares each answer with the record. A badge that was granted, or that a rule refused, counts as
valid, even if it was changed later; a badge that was refused for its own state stays refused.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache, partial

from controller.decision.counterfactual import Counterfactual
from controller.decision.door_mode_now import door_mode_now
from controller.decision.facts import Facts
from controller.decision.rehearsal import Rehearsal, RehearsedVerdict
from controller.journal.facts import facts_after, first_record, newest_record
from controller.model.access import AccessRecord, AccessRequest, Direction, PinResult
from controller.model.credentials import Assurance, CardholderStatus, CredentialKind, CredentialStatus
from controller.model.events import EventType
from controller.model.fact import Fact
from controller.model.moment import ClockState, Moment
from controller.model.orders import ActionType
from controller.model.reasons import DenyReason, agrees
from controller.model.rule_book import DoorMode
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from controller.model.unproved import unproved_of
from controller.registry import pins, standing
from controller.registry.database import Connection
from controller.services.acting import Acting
from controller.services.explain.current_facts import access_record, entries_of
from controller.services.rules.rehearsal_result import Change, RehearsalResult, RehearsalStopped, Watch
from controller.services.site import Site

WINDOW = timedelta(days=30)
_CACHE_SIZE = 4096
_TAPS = frozenset({EventType.ACCESS_GRANTED, EventType.ACCESS_DENIED, EventType.ACCESS_WAITING})
# Refusals because of the badge or of the door itself: no rules, schedules or levels change them.
_NOT_BY_RULES = frozenset(
    {
        DenyReason.CARD_NUMBER_RANDOM,
        DenyReason.CARD_UNREADABLE,
        DenyReason.CARD_HALF_ISSUED,
        DenyReason.AUTHENTICATION_FAILED,
        DenyReason.CARD_REPLAYED,
        DenyReason.CREDENTIAL_UNKNOWN,
        DenyReason.RIGHTS_UNACCOUNTED,
        DenyReason.CREDENTIAL_LOST,
        DenyReason.CREDENTIAL_SUSPENDED,
        DenyReason.CREDENTIAL_NOT_YET_VALID,
        DenyReason.CREDENTIAL_EXPIRED,
        DenyReason.CARDHOLDER_SUSPENDED,
        DenyReason.JOURNAL_UNAVAILABLE,
        DenyReason.REGISTRY_UNAVAILABLE,
    }
)
_PIN_ENTERED = {
    DenyReason.PIN_WRONG: PinResult.WRONG,
    DenyReason.PIN_LOCKED: PinResult.LOCKED,
    DenyReason.PIN_REQUIRED: PinResult.NONE,
}


@dataclass(frozen=True, slots=True)
class _TapAnswers:
    """`before`: as recorded. `alone`: by the edited rules with the recorded presence. `after`: by the edited
    rules with the presence that follows from their own answers.
    """

    before: RehearsedVerdict | None = None
    alone: RehearsedVerdict | None = None
    after: RehearsedVerdict | None = None


_NO_ANSWERS = _TapAnswers()


class TapReplay:
    def __init__(self, acting: Acting, db: Connection, facts: Facts) -> None:
        """`db` holds the edited schedules and levels, `facts` the edited book."""
        site = self._site = acting.site
        self._since = acting.moment.utc - WINDOW
        self._book = facts.book
        # Cache some people only: 100,000 would exceed the memory limit of the web process.
        self._record_of = lru_cache(_CACHE_SIZE)(partial(access_record, site, db))
        self._has_pin = lru_cache(_CACHE_SIZE)(partial(pins.has_pin, db))
        self._entries = entries_of(site)
        self._new = Rehearsal(facts, self._mode_of, lru_cache(_CACHE_SIZE)(partial(standing.category_of, db)))
        self._counterfactual = Counterfactual(self._new, facts.site.day)
        self._lockdowns = frozenset[str]()
        self._alone: dict[int, DenyReason | None] = {}  # by the edited rules, with the recorded presence
        self._differing: dict[int, Change] = {}  # including taps that wait for a second person
        # By access point: the person who waited for a second one, and the number of their tap.
        self._waiting: dict[str, tuple[str | None, int]] = {}
        self._observed: Counter[DenyReason] = Counter()
        self._taps = self._without_badge = self._not_attempted = 0

    def run(self, watch: Watch) -> RehearsalResult:
        first_of_two: list[Fact] = []  # since the first person's grant, which the second tap caused
        for fact in _facts(self._site, watch):
            self._lock_down(fact)
            is_tap = self._is_tap(fact)
            if self._is_of_the_first(fact) or (first_of_two and not is_tap):
                self._redeem_recorded(fact)
                first_of_two.append(fact)
                continue
            answers = self._tap(fact) if is_tap and fact.utc >= self._since else _NO_ANSWERS
            self._counterfactual.advance(
                first_of_two, fact, answers.before, answers.after, is_tap=answers is not _NO_ANSWERS
            )
            for one in (*first_of_two, fact):
                self._new.happened(one)
            if answers.alone is not None and answers.alone.reason is DenyReason.SECOND_PERSON_NEEDED:
                self._new.hold_for_second(fact)
            first_of_two = []
        changes = [
            replace(change, follows=self._alone[change.seq] is not change.after)
            for change in self._differing.values()
            if change.before is not change.after
        ]
        return RehearsalResult(
            since=self._since,
            in_force=self._book.version,
            taps=self._taps,
            without_badge=self._without_badge,
            not_attempted=self._not_attempted,
            changes=tuple(reversed(changes)),
            observed=dict(self._observed),
        )

    def _lock_down(self, fact: Fact) -> None:
        action, area = fact.code("action"), fact.code("object_id")
        if fact.type != EventType.OPERATOR_ACTION or not isinstance(area, str):
            return
        if action == ActionType.LOCKDOWN_BEGUN:
            self._lockdowns |= {area}
        elif action == ActionType.LOCKDOWN_ENDED:
            self._lockdowns -= {area}
        else:
            return
        for book in (self._new, self._counterfactual):
            book.set_lockdowns(self._lockdowns)

    def _is_tap(self, fact: Fact) -> bool:
        if fact.type not in _TAPS or fact.direction != Direction.IN or fact.access_point is None:
            return False
        if fact.person is None or fact.code("credential") is None:
            return False
        if fact.reason == DenyReason.SECOND_PERSON_NEEDED:
            self._waiting[fact.access_point] = fact.person, fact.seq
        return not self._is_of_the_first(fact)

    def _is_of_the_first(self, fact: Fact) -> bool:
        """Whether it is a grant without a tap: dual access admits the waiting person when the second one
        taps.
        """
        waits = self._waiting.get(fact.access_point or "")
        return fact.code("with") is not None and waits is not None and waits[0] == fact.person

    def _redeem_recorded(self, fact: Fact) -> None:
        waits = self._waiting.get(fact.access_point or "")
        if waits is not None and waits[0] == fact.person and waits[1] in self._differing:
            self._differing[waits[1]] = replace(self._differing[waits[1]], before=None)

    def _tap(self, fact: Fact) -> "_TapAnswers":
        recorded = _recorded(fact)
        request = self._request(fact, recorded)
        if request is None or request.record is None:
            self._without_badge += 1
            return _NO_ANSWERS
        self._taps += 1
        now = Moment(fact.utc, fact.mono_ms, fact.boot, ClockState(str(fact.code("clock"))))
        alone = self._as_recorded(self._new.judge(request, fact, now), request, recorded)
        before, after = RehearsedVerdict(recorded), self._counterfactual.judge(request, fact, now, alone)
        if alone.redeems in self._alone:
            self._alone[alone.redeems] = None
        if after is None:
            self._not_attempted += 1
            return _TapAnswers(before, alone, None)
        after = self._as_recorded(after, request, recorded)
        self._observed.update(after.observed)
        if after.redeems in self._differing:
            change = self._differing[after.redeems]
            self._differing[change.seq] = replace(change, after=None)
        if recorded is not after.reason or recorded is DenyReason.SECOND_PERSON_NEEDED:
            self._alone[fact.seq] = alone.reason
            self._differing[fact.seq] = Change(
                seq=fact.seq,
                utc=fact.utc,
                person=request.record.cardholder.id,
                name=request.record.cardholder.name,
                access_point=request.access_point,
                before=recorded,
                after=after.reason,
            )
        return _TapAnswers(before, alone, after)

    def _as_recorded(
        self, answer: RehearsedVerdict, request: AccessRequest, recorded: DenyReason | None
    ) -> RehearsedVerdict:
        """Use the recorded reason if these rules give an equal one, or cannot change it."""
        if recorded is None:
            return answer
        if answer.reason is None:
            if recorded is not DenyReason.INTERLOCK:
                return answer
            setting = self._book.rules_at(request.door, request.access_point).get(RuleName.INTERLOCK)
            is_enforced = isinstance(setting, InterlockSetting) and setting.mode is RuleMode.ENFORCE
            return replace(answer, reason=recorded) if is_enforced else answer  # the doors' state is unknown
        same = recorded in _NOT_BY_RULES or agrees(recorded, answer.reason)
        return replace(answer, reason=recorded) if same else answer

    def _request(self, fact: Fact, recorded: DenyReason | None) -> AccessRequest | None:
        assert fact.access_point is not None  # noqa: S101 - it is a tap
        record = self._record_of(str(fact.code("credential")), fact.access_point)
        if record is None:
            return None
        record = _as_valid(record, recorded not in _NOT_BY_RULES)
        assurance = fact.code("assurance")
        has_pin = self._has_pin(record.cardholder.id)
        return AccessRequest(
            door=fact.door or "",
            access_point=fact.access_point,
            reader=str(fact.code("reader") or ""),
            direction=Direction.IN,
            kind=CredentialKind.FELICA,  # no rule asks which
            card_hash=b"",
            last_four=record.credential.last_four,
            record=record,
            registry_version=0,
            assurance=Assurance(assurance) if isinstance(assurance, int) else Assurance.NUMBER_ONLY,
            pin=_PIN_ENTERED.get(recorded, PinResult.RIGHT) if has_pin and recorded else _pin(has_pin),
            unproved=unproved_of(fact.code("unproved"), fact.reason),
        )

    def _mode_of(self, door: str, facts: Facts, now: Moment) -> DoorMode:
        return door_mode_now(door, self._entries.get(door, ()), facts, now).mode


def _pin(has_pin: bool) -> PinResult:
    return PinResult.RIGHT if has_pin else PinResult.NOT_SET


def _recorded(fact: Fact) -> DenyReason | None:
    """The recorded reason; None: granted. An unknown reason counts as one that rules do not decide."""
    if fact.type == EventType.ACCESS_GRANTED:
        return None
    try:
        return DenyReason(fact.reason or "")
    except ValueError:
        return DenyReason.JOURNAL_UNAVAILABLE


def _as_valid(record: AccessRecord, is_valid: bool) -> AccessRecord:
    """The badge as the log shows it at the tap, even if it was changed later."""
    status = CredentialStatus.ACTIVE if is_valid else CredentialStatus.LOST
    credential = replace(record.credential, status=status, valid_from=None, valid_until=None)
    cardholder = replace(record.cardholder, status=CardholderStatus.ACTIVE)
    return replace(record, credential=credential, cardholder=cardholder)


def _facts(site: Site, watch: Watch) -> Iterator[Fact]:
    """All facts of the log. Raise RehearsalStopped if `watch` asks for it."""
    with site.journal.snapshot() as connection:
        first, newest = first_record(connection), newest_record(connection)
    last = 0
    while True:
        if watch(min(100, 100 * max(0, last - first) // max(1, newest - first))):
            raise RehearsalStopped("The rehearsal stopped; nothing has changed.")
        with site.journal.snapshot() as connection:  # short: a long one keeps the door from reusing its WAL
            facts, upto = facts_after(connection, last, every_tap=True)
        yield from facts
        if upto == last:
            return
        last = upto

"""The laws of the floor over random lives of it: doors, people, rules, clock, log and orders.

* Locked at rest. * Never released inward without a durable grant, an order or a schedule. * Every card
outward and the fire input release, and the exit button where the lock needs it, in any state of rules,
log and registry. * Nobody is hindered from leaving. * Each release ends within its limit.
The laws themselves are in site_world.py and, for a single door, in test_door_interleavings.py.
"""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from controller.decision.decision import RefusedCard
from controller.model.access import AccessRecord, Direction, PinResult
from controller.model.credentials import Assurance, CardholderStatus, CredentialStatus
from controller.model.events import Event, EventType
from controller.model.moment import ClockState
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode
from controller.model.rules.anti_passback import AntiPassbackSetting, PassbackUntil
from controller.model.rules.assurance import AssuranceSetting
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.escort import EscortSetting
from controller.model.rules.first_person_in import FirstPersonInSetting
from controller.model.rules.interlock import InterlockSetting
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import SETTINGS
from controller.model.rules.prerequisite import PrerequisiteSetting, PrerequisiteSince
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode, RuleSetting
from controller.model.rules.staff_mix import StaffMixSetting
from controller.model.rules.supervisor_present import SupervisorPresentSetting
from tests.controller.decision.site_world import DOORS, SiteWorld
from tests.controller.decision.situations import AGENCY, REGULAR, SV, VISITOR, book, taps, who
from tests.controller.model.rule_samples import candidates, settable

STEPS, LIVES = 50, 260
PEOPLE = ("ann", "bo", "chi", "dai", "emi")
POINTS = ("entrance-in", "entrance-out", "archive-in", "archive-out")
doors, points, people = st.sampled_from(tuple(DOORS)), st.sampled_from(POINTS), st.sampled_from(PEOPLE)
categories = st.sampled_from((SV, REGULAR, AGENCY, VISITOR, None))
modes = st.sampled_from((RuleMode.ENFORCE, RuleMode.ENFORCE, RuleMode.OBSERVE, RuleMode.OFF))
groups = st.sampled_from(((SV,), (REGULAR, AGENCY), (VISITOR,), ()))
small = st.integers(0, 4)
seldom = st.integers(0, 9).map(lambda number: number == 9)
TUNED: dict[type[RuleSetting], st.SearchStrategy[RuleSetting]] = {
    AssuranceSetting: st.builds(AssuranceSetting, modes, st.integers(0, 1)),
    QualificationsSetting: st.builds(QualificationsSetting, modes, st.sampled_from(((), ("nda",)))),
    PrerequisiteSetting: st.builds(
        PrerequisiteSetting, modes, st.just("archive-in"), st.sampled_from(PrerequisiteSince)
    ),
    AntiPassbackSetting: st.builds(
        AntiPassbackSetting,
        modes,
        st.booleans(),
        st.integers(0, 2),
        st.sampled_from(PassbackUntil),
        st.booleans(),
    ),
    FirstPersonInSetting: st.builds(FirstPersonInSetting, modes, groups),
    SupervisorPresentSetting: st.builds(SupervisorPresentSetting, modes, groups),
    EscortSetting: st.builds(EscortSetting, modes, groups, groups, st.integers(0, 60)),
    StaffMixSetting: st.builds(StaffMixSetting, modes, small, st.integers(0, 60), small, st.booleans()),
    OccupancySetting: st.builds(OccupancySetting, modes, st.integers(1, 4), small, st.booleans()),
    InterlockSetting: st.builds(
        InterlockSetting, modes, st.sampled_from((("archive",), ("entrance", "archive")))
    ),
    DualAccessSetting: st.builds(DualAccessSetting, modes, st.integers(5, 60), small),
}


def any_of(kind: type[RuleSetting]) -> st.SearchStrategy[RuleSetting]:
    return st.builds(kind, modes, **{one.name: st.sampled_from(candidates(one)) for one in settable(kind)})


setting = st.one_of(*(TUNED.get(kind, any_of(kind)) for kind in SETTINGS.values()))
rules = st.lists(setting, min_size=1, max_size=4)


class Site(RuleBasedStateMachine):
    steps = granted = refused = left = walked_in = 0

    def __init__(self) -> None:
        super().__init__()
        self.world = SiteWorld()
        self.people: dict[str, AccessRecord] = {name: who(REGULAR, name) for name in PEOPLE}
        self.registry_reads = True

    @initialize(of=st.tuples(*(categories for _ in PEOPLE)), chosen=rules)
    def begins(self, of: tuple[str | None, ...], chosen: list[RuleSetting]) -> None:
        self.world.book = book(*chosen)
        for name, category in zip(PEOPLE, of, strict=True):
            self.people[name] = who(category, name)

    @rule(
        coming=st.lists(people, min_size=1, max_size=4), point=points, gap=st.sampled_from((0, 700, 20_000))
    )
    def people_walk(self, coming: list[str], point: str, gap: int) -> None:
        """One after the other, each doing all that is asked, and through the door if it is released."""
        self.counts()
        door = point.split("-")[0]
        for person in coming:
            self.world.passes(gap)
            self.presents(person, point, PinResult.RIGHT, Assurance.MUTUAL_AES)
            if self.world.doors[door].released:
                self.world.at_the_door(door, "leaf")
                self.world.at_the_door(door, "leaf")

    @rule(person=people, point=points, pin=st.sampled_from(PinResult), assurance=st.sampled_from(Assurance))
    def taps(self, person: str, point: str, pin: PinResult, assurance: Assurance) -> None:
        self.counts()
        self.presents(person, point, pin, assurance)

    def presents(self, person: str, point: str, pin: PinResult, assurance: Assurance) -> None:
        if not self.registry_reads:
            self.unknown(point, DenyReason.REGISTRY_UNAVAILABLE)
            return
        request = taps(self.people[person], point, pin=pin, assurance=assurance)
        grants = self.world.grants
        self.world.tap(request)
        went_in = self.world.grants > grants
        Site.granted += went_in
        Site.walked_in += "stands_released" in self.world.codes
        Site.left += request.direction is Direction.OUT
        Site.refused += request.direction is Direction.IN and not went_in

    @rule(
        point=points, reason=st.sampled_from((DenyReason.CARD_NUMBER_RANDOM, DenyReason.CREDENTIAL_UNKNOWN))
    )
    def card_nobody_knows(self, point: str, reason: DenyReason) -> None:
        self.counts()
        self.unknown(point, reason)

    def unknown(self, point: str, reason: DenyReason) -> None:
        direction = Direction.OUT if point.endswith("-out") else Direction.IN
        self.world.refused_before(RefusedCard(point.split("-")[0], point, "reader-1", direction, reason))

    @rule(door=doors, what=st.sampled_from(("leaf", "leaf", "rex", "rex ended", "repeat", "stray timer")))
    def hand_at(self, door: str, what: str) -> None:
        self.counts()
        self.world.at_the_door(door, what)

    @rule(door=doors)
    def ordered(self, door: str) -> None:
        self.counts()
        self.world.orders(door)

    @rule()
    def burns_or_not(self) -> None:
        self.counts()
        for door in DOORS:
            self.world.at_the_door(door, "fire")

    @rule(gap=st.sampled_from((1, 900, 4000, 31_000, 3_600_000)))
    def passes(self, gap: int) -> None:
        self.counts()
        self.world.passes(gap)

    @rule(hours=st.integers(-48, 48), clock=st.sampled_from(ClockState))
    def clock_is_set(self, hours: int, clock: ClockState) -> None:
        self.counts()
        self.world.utc += timedelta(hours=hours)
        self.world.clock = clock

    @rule(chosen=rules)
    def publishes(self, chosen: list[RuleSetting]) -> None:
        self.counts()
        self.world.book = replace(book(*chosen), version=self.world.book.version + 1)

    @rule(door=doors, mode=st.sampled_from((DoorMode.CARD, DoorMode.CARD, *DoorMode)))
    def mode_changes(self, door: str, mode: DoorMode) -> None:
        self.counts()
        self.world.mode(door, mode)

    @rule(areas=st.sampled_from(((), (), (), ("floor",), ("archive",), ("*",))))
    def lockdown_begins_or_ends(self, areas: tuple[str, ...]) -> None:
        self.counts()
        self.world.lockdowns = set(areas)

    @rule(
        person=people,
        category=categories,
        suspended=seldom,
        lost=seldom,
        overrides=st.booleans(),
        fit=st.booleans(),
    )
    def person_changes(
        self, person: str, category: str | None, suspended: bool, lost: bool, overrides: bool, fit: bool
    ) -> None:
        self.counts()
        self.people[person] = who(
            category,
            person,
            overrides=overrides,
            qualifications={"nda": date(2027, 1, 1)} if fit else {},
            holder=CardholderStatus.SUSPENDED if suspended else CardholderStatus.ACTIVE,
            status=CredentialStatus.LOST if lost else CredentialStatus.ACTIVE,
        )

    @rule(person=people, action=st.sampled_from(("forgiven", "presence_corrected")))
    def supervisor_puts_right(self, person: str, action: str) -> None:
        self.counts()
        codes: dict[str, str | int] = {"action": action, "object_type": "person", "object_id": person}
        self.world.record(Event(EventType.OPERATOR_ACTION, self.world.now, codes=codes))

    @rule(no_registry=seldom, log_unread=seldom, no_journal=seldom)
    def things_fail_and_mend(self, no_registry: bool, log_unread: bool, no_journal: bool) -> None:
        self.counts()
        journal = not no_journal
        self.registry_reads, self.world.presence_known = not no_registry, not log_unread
        if journal:
            self.world.journal_recovers()
        self.world.journal_works = journal

    @rule()
    def restarts(self) -> None:
        self.counts()
        self.world.restart()

    def counts(self) -> None:
        Site.steps += 1

    def teardown(self) -> None:
        self.world.end()


def test_ten_thousand_steps_of_random_lives_keep_the_laws_of_the_floor() -> None:
    Site.steps = Site.granted = Site.refused = Site.left = Site.walked_in = 0
    run_state_machine_as_test(
        Site,
        settings=settings(
            max_examples=LIVES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            phases=(Phase.generate, Phase.shrink),
        ),
    )
    assert Site.steps >= 10_000
    happened = (Site.granted, Site.refused, Site.left)
    assert min(happened) > 100 and Site.walked_in > 20, f"lives in which something happens: {happened}"

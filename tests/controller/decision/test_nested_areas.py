"""A room inside an area: who is in it is in both, and comes out into the area around it."""

from dataclasses import replace
from datetime import timedelta

from controller.decision.decision import Decision
from controller.decision.explain import explain
from controller.decision.missed_taps import MissedTaps
from controller.decision.presence import Presence
from controller.decision.rehearsal import Rehearsal
from controller.model.access import AccessRecord
from controller.model.actions import RecordEvent, RecordThenRelease
from controller.model.events import Event
from controller.model.fact import Fact, fact_of
from controller.model.moment import Moment
from controller.model.reasons import DenyReason
from controller.model.rule_book import DoorMode, RuleBook
from controller.model.rules.anti_passback import AntiPassbackSetting
from controller.model.rules.order import RuleName
from controller.model.rules.setting import RuleMode
from tests.controller.decision.samples import NOON, PLAIN_FACTS
from tests.controller.decision.situations import AGENCY, ENFORCE, OBSERVE, REGULAR, SV, book, taps, who
from tests.controller.decision.test_presence import event_fact

AGAIN = DenyReason.ANTI_PASSBACK.value
FLAT = book(AntiPassbackSetting(ENFORCE))
NESTED = replace(FLAT, areas={**FLAT.areas, "archive": replace(FLAT.areas["archive"], within="floor")})


class Walk:
    """Taps ten minutes apart: the rules decide each, and presence gets its record."""

    def __init__(self, rules: RuleBook = NESTED) -> None:
        self.presence, self.missed = Presence(), MissedTaps()
        self.facts = replace(PLAIN_FACTS, book=rules, presence=self.presence)
        self.log: list[Fact] = []

    @property
    def now(self) -> Moment:
        minutes = 10 * len(self.log)
        return replace(
            NOON, utc=NOON.utc + timedelta(minutes=minutes), mono_ms=NOON.mono_ms + minutes * 60_000
        )

    def tap(self, access_point: str, person: AccessRecord | None = None) -> Event:
        decision = Decision(self.facts)
        [event, *_] = [
            action.grant if isinstance(action, RecordThenRelease) else action.event
            for action in decision.handle(taps(person or who(REGULAR), access_point), self.now)
            if isinstance(action, RecordThenRelease | RecordEvent)
        ]
        fact = fact_of(len(self.log) + 1, event)
        self.apply(fact or Fact(len(self.log) + 1, "other", event.at.utc, "", 0))
        return event

    def apply(self, fact: Fact) -> None:
        self.log.append(fact)
        self.missed.apply(fact, self.presence)
        self.presence.apply(fact)

    def where(self, person: str = "p1") -> list[str]:
        found = self.presence.where(person)
        return [] if found is None else [one.area for one in found.chain()]

    def worklist(self) -> list[tuple[int, str, str]]:
        yesterday = NOON.utc - timedelta(days=1)
        return [(one.seq, one.kind.value, one.area) for one in self.missed.open(self.presence, yesterday)]


def test_who_goes_into_the_inner_room_is_inside_both_and_comes_out_into_the_outer_one() -> None:
    walk = Walk()
    me = who(REGULAR).cardholder.id
    walk.tap("entrance-in")
    since = walk.presence.inside_of(me, "floor")
    walk.tap("archive-in")
    assert walk.where(me) == ["archive", "floor"]
    assert walk.presence.count("floor") == walk.presence.count_of("floor", {REGULAR}) == 1
    assert walk.presence.inside_of(me, "floor") == since, "on the floor since the entrance"
    walk.tap("archive-out")
    assert walk.where(me) == ["floor"] and walk.presence.count("archive") == 0
    assert "warning" not in walk.tap("entrance-out").codes
    assert walk.where(me) == [] and walk.worklist() == []


def test_entering_the_outer_area_from_inside_the_inner_one_is_a_second_entry() -> None:
    walk = Walk()
    walk.tap("entrance-in")
    walk.tap("archive-in")
    assert walk.tap("entrance-in").reason == AGAIN
    assert walk.worklist() == [(3, "in_without_out", "archive")]
    watched = book(AntiPassbackSetting(OBSERVE))
    walk = Walk(replace(watched, areas={**watched.areas, "archive": NESTED.areas["archive"]}))
    walk.tap("entrance-in")
    walk.tap("archive-in")
    assert walk.tap("entrance-in").codes["observed"] == AGAIN


def test_areas_beside_each_other_stay_apart() -> None:
    walk = Walk(FLAT)
    walk.tap("archive-in")
    assert walk.tap("entrance-in").reason is None
    assert walk.worklist() == [(2, "in_without_out", "archive")]


def test_explanation_says_since_when_the_person_is_inside_the_outer_area() -> None:
    walk = Walk()
    walk.tap("entrance-in")
    walk.tap("archive-in")
    found = explain(taps(who(REGULAR)), walk.now, walk.facts)
    [line] = [one for one in found.rules if one.title == "anti_passback"]
    assert line.decides and line.observations["inside_since"] == NOON.utc.isoformat()


def test_leaving_the_outer_area_from_inside_the_inner_one_leaves_both_and_is_to_be_examined() -> None:
    walk = Walk()
    walk.tap("entrance-in")
    walk.tap("archive-in")
    assert "warning" not in walk.tap("entrance-out").codes, "the person was inside"
    assert walk.where() == [] and walk.presence.count("floor") == 0
    assert walk.worklist() == [(3, "in_without_out", "archive")]


def test_out_of_the_inner_room_without_having_gone_in_is_inside_the_outer_area() -> None:
    walk = Walk()
    me = who(REGULAR).cardholder.id
    assert walk.tap("archive-out").codes["warning"] == "out_without_in"
    assert walk.where(me) == ["floor"]
    assert walk.worklist() == [(1, "out_without_in", "archive")]


def test_inner_entry_that_nobody_went_through_is_moved_back_to_the_outer_area() -> None:
    walk = Walk()
    me = who(REGULAR).cardholder.id
    walk.tap("entrance-in")
    walk.tap("archive-in")
    walk.apply(Fact(3, "access_outcome", NOON.utc, "", 0, result="not_opened", codes={"of": 2}))
    assert walk.where(me) == ["floor"]
    assert (walk.presence.count("floor"), walk.presence.count("archive")) == (1, 0)


def test_emptied_inner_room_leaves_its_people_in_the_outer_area_and_that_one_emptied_nobody() -> None:
    walk = Walk()
    me = who(REGULAR).cardholder.id
    walk.tap("entrance-in")
    walk.tap("archive-in")
    walk.apply(event_fact(3, action="area_emptied", object_id="archive"))
    assert walk.where(me) == ["floor"]
    walk.tap("archive-in")
    walk.apply(event_fact(5, action="area_emptied", object_id="floor"))
    assert walk.where(me) == [] and walk.presence.areas() == []


def test_supervisor_in_the_inner_room_counts_on_the_floor() -> None:
    walk = Walk()
    walk.tap("entrance-in", who(SV, "boss"))
    walk.tap("archive-in", who(SV, "boss"))
    walk.tap("entrance-in", who(AGENCY, "p2"))
    assert walk.presence.count_of("floor", {SV}) == 1 and walk.presence.count("floor") == 2


def test_corrected_person_is_inside_the_area_and_those_around_it() -> None:
    walk = Walk()
    walk.apply(event_fact(1, action="presence_corrected", object_id="p9", area="archive", within="floor"))
    assert walk.where("p9") == ["archive", "floor"]


def test_rehearsal_draws_inner_rooms_as_its_own_book_does() -> None:
    walk = Walk(FLAT)
    me = who(REGULAR).cardholder.id
    walk.tap("entrance-in")
    walk.tap("archive-in")
    rehearsal = Rehearsal(replace(walk.facts, book=NESTED), lambda *_: DoorMode.CARD, lambda _: REGULAR)
    for fact in walk.log:
        rehearsal.happened(fact)
    assert rehearsal.presence.count("floor") == rehearsal.presence.count("archive") == 1
    assert rehearsal.presence.inside_of(me, "floor") is not None


def test_circle_of_areas_ends() -> None:
    areas = {name: replace(area, within="archive") for name, area in NESTED.areas.items()}
    assert replace(NESTED, areas=areas).around("floor") == ("archive",)
    both = {**areas, "archive": replace(areas["archive"], within="floor")}
    assert replace(NESTED, areas=both).around("floor") == ("archive",)


def _outer_first(mode: RuleMode) -> RuleBook:
    inner = {RuleName.ANTI_PASSBACK: AntiPassbackSetting(mode, outer_first=True)}
    archive = replace(NESTED.areas["archive"], rules=inner)
    return replace(NESTED, areas={**NESTED.areas, "archive": archive})


def test_inner_room_without_the_outer_area_is_a_missed_tap_under_any_rules() -> None:
    walk = Walk()
    assert walk.tap("archive-in").result == "granted"
    assert walk.worklist() == [(1, "inner_without_outer", "floor")]
    me = who(REGULAR).cardholder.id
    assert walk.where(me) == ["archive", "floor"], "who is in the inner room is on the floor"
    walk.tap("archive-out")
    walk.tap("archive-in")
    assert walk.worklist() == [(1, "inner_without_outer", "floor")], "inside the floor by then"


def test_into_the_inner_room_from_the_outer_area_is_not_a_missed_tap() -> None:
    walk = Walk(_outer_first(ENFORCE))
    walk.tap("entrance-in")
    assert walk.tap("archive-in").result == "granted"
    assert walk.worklist() == []


def test_inner_entry_without_the_outer_one_is_refused_where_the_rule_says_so_and_listed_once() -> None:
    walk = Walk(_outer_first(ENFORCE))
    assert walk.tap("archive-in").reason == "outer_area_not_entered"
    assert walk.tap("archive-in").reason == "outer_area_not_entered"
    assert walk.worklist() == [(1, "inner_without_outer", "floor")]
    walk.tap("entrance-in")
    assert walk.tap("archive-in").result == "granted"
    assert walk.worklist() == [(1, "inner_without_outer", "floor")], "until somebody deals with it"


def test_refusal_after_the_missed_tap_was_dealt_with_is_listed_again() -> None:
    walk = Walk(_outer_first(ENFORCE))
    walk.tap("archive-in")
    walk.apply(event_fact(2, action="presence_corrected", resolves=1))
    assert walk.worklist() == []
    assert walk.tap("archive-in").reason == "outer_area_not_entered"
    walk.tap("archive-in")
    assert walk.worklist() == [(3, "inner_without_outer", "floor")]


def test_inner_entry_without_the_outer_one_is_only_noted_where_the_rule_observes() -> None:
    walk = Walk(_outer_first(OBSERVE))
    event = walk.tap("archive-in")
    assert (event.result, event.codes["observed"]) == ("granted", "outer_area_not_entered")
    assert walk.worklist() == [(1, "inner_without_outer", "floor")]


def test_forgiven_person_enters_the_inner_room_without_the_outer_area() -> None:
    walk = Walk(_outer_first(ENFORCE))
    me = who(REGULAR).cardholder.id
    walk.apply(event_fact(1, action="forgiven", object_type="person", object_id=me))
    assert walk.tap("archive-in").result == "granted"


def test_inner_entry_that_nobody_went_through_is_not_a_missed_tap() -> None:
    walk = Walk()
    walk.tap("archive-in")
    walk.apply(Fact(2, "access_outcome", NOON.utc, "", 0, result="not_opened", codes={"of": 1}))
    assert walk.worklist() == []


def test_area_missed_is_the_nearest_one_around() -> None:
    building = replace(
        NESTED.areas["floor"], name="building", entries=("gate-in",), exits=("gate-out",), rules={}
    )
    floor = replace(NESTED.areas["floor"], within="building")
    walk = Walk(replace(NESTED, areas={**NESTED.areas, "floor": floor, "building": building}))
    walk.tap("gate-in")
    walk.tap("archive-in")
    assert walk.worklist() == [(2, "inner_without_outer", "floor")]


def test_explanation_names_the_area_around_that_was_not_entered() -> None:
    walk = Walk(_outer_first(ENFORCE))
    found = explain(taps(who(REGULAR), "archive-in"), walk.now, walk.facts)
    [line] = [one for one in found.rules if one.title == "anti_passback"]
    assert line.decides and line.observations["outer"] == "floor"

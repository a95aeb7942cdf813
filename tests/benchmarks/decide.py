"""Deciding alone, with every rule on and ten thousand people inside fifty areas; flat in the people known.

The clock stops before and after `decide`; the registry, the journal and the door are left out.
"""

import gc
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from controller.decision.access import decide
from controller.decision.facts import DoorFacts, Facts
from controller.decision.presence import Fact, Presence
from controller.model.access import AccessRequest, PinResult
from controller.model.credentials import Assurance
from controller.model.rule_book import Area, DoorMode, RuleBook
from controller.model.rules.occupancy import OccupancySetting
from controller.model.rules.order import RuleName
from controller.model.rules.staff_mix import StaffMixSetting
from tests.benchmarks.measure import median, micro, print_ratio
from tests.controller.decision.samples import NOON, TOKYO, after_ms
from tests.controller.decision.situations import ENFORCE, passed, taps, went, who
from tests.controller.model.rule_books import AGENCY, EVERY_RULE, FULL, REGULAR, SV

AREAS, INSIDE = 50, 10_000
GOAL_NS, FLAT = 100_000, 1.2
_ROUNDS = 4000
_CATEGORIES = (SV, REGULAR, AGENCY, AGENCY)


def run(rounds: int = _ROUNDS, people: int = 100_000) -> None:
    small, large = site(100), site(people)
    took: list[list[int]] = [[], []]
    requests = _requests()
    gc.collect()
    gc.freeze()
    for turn in range(rounds):
        for sort, facts in enumerate((small, large)):
            took[sort].append(_decided(requests[turn % AREAS], facts))
    full = site(people, min(people, INSIDE))
    at_once = [_decided(requests[turn % AREAS], full) for turn in range(rounds)]
    print_ratio(
        f"decision with {min(people, INSIDE):,} inside / 100 µs",
        median(at_once) / GOAL_NS,
        1.0,
        micro(at_once),
    )
    print_ratio(f"{people:,} people known / 100", median(took[1]) / median(took[0]), FLAT, micro(took[1]))


def _decided(request: AccessRequest, facts: Facts) -> int:
    now = after_ms(1000)
    began = time.perf_counter_ns()
    verdict = decide(request, now, facts)
    took = time.perf_counter_ns() - began
    if verdict.reason is not None:
        raise SystemExit(f"somebody was refused before the last rule: {verdict.reason}")
    return took


def site(people: int, inside: int = 100) -> Facts:
    """`people` people have been here today, the last `inside` of them are still in."""
    rules = {
        **EVERY_RULE,
        RuleName.STAFF_MIX: StaffMixSetting(ENFORCE, 10, 30, 1),
        RuleName.OCCUPANCY: OccupancySetting(ENFORCE, INSIDE, 2),
    }
    areas = {f"a{n}": Area(f"a{n}", "", "", (f"a{n}-in",), (f"a{n}-out",), rules) for n in range(AREAS)}
    book = RuleBook(1, areas, {}, FULL.categories, FULL.qualifications)
    doors = {f"a{n}": DoorFacts(DoorMode.CARD_PIN) for n in range(AREAS)}
    return Facts(TOKYO, book, _presence(people, inside), frozenset({"cellar"}), doors)


def _presence(people: int, inside: int) -> Presence:
    presence, seq = Presence(), 0

    def apply(fact: Fact) -> None:
        nonlocal seq
        seq += 1
        presence.apply(replace(fact, seq=seq))

    for number in range(people):
        person, area = f"p{number}", f"a{number % AREAS}"
        category = _CATEGORIES[(people - 1 - number) // AREAS % len(_CATEGORIES)]
        apply(passed(person, category, NOON, f"{area}-in", area))
        if number < people - inside:
            apply(replace(went(person), access_point=f"{area}-out", codes={"left": area}))
    for number in range(AREAS):
        apply(passed("me", AGENCY, NOON, "locker", None))
        waits = passed("first", SV, NOON, f"a{number}-in", None)
        apply(replace(waits, type="access_denied", reason="second_person_needed"))
    return presence


def _requests() -> Sequence[AccessRequest]:
    me = who(AGENCY, "me", qualifications={"nda": date(2030, 1, 1)})
    return [
        taps(me, f"a{number}-in", pin=PinResult.RIGHT, assurance=Assurance.MUTUAL_AES)
        for number in range(AREAS)
    ]

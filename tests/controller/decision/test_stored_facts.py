"""What is kept beside a refusal gives the same answers later, and names nobody."""

import json
from dataclasses import replace

from controller.decision.access import decide
from controller.decision.decision import Decision
from controller.decision.facts import SITE, DoorFacts, Facts
from controller.decision.presence import Presence
from controller.decision.stored_facts import MOST_CHARACTERS, StoredFacts, decode_facts, encode_facts
from controller.model.access import PinResult
from controller.model.actions import RecordEvent
from controller.model.credentials import CredentialStatus
from controller.model.moment import ClockState
from controller.model.rule_book import DoorMode
from tests.controller.decision.explained_situations import situations
from tests.controller.decision.samples import NOON, PLAIN_FACTS, TOKYO, at, badge, tap, utc, weekly

SHIFT = weekly((0, "09:00", "18:00"), (4, "22:00", "06:00"))


def seen_of(facts: Facts = PLAIN_FACTS, **changed: object) -> tuple[StoredFacts, str]:
    record = badge(schedules=(SHIFT,), valid_until=utc("2027-04-01 00:00"))
    record = replace(record, cardholder=replace(record.cardholder, category="agency", **changed))  # type: ignore[arg-type]
    text = json.dumps(
        encode_facts(replace(tap(record), pin=PinResult.WRONG), record, NOON, facts), ensure_ascii=False
    )
    found = decode_facts(json.loads(text))
    assert found is not None
    return found, text


def test_person_place_and_site_come_back_as_they_were() -> None:
    doors = {"archive": DoorFacts(DoorMode.CARD, is_open=True), "entrance": DoorFacts()}
    facts = Facts(TOKYO, presence=Presence(), lockdowns=frozenset({SITE}), doors=doors)
    found, _ = seen_of(facts)
    record = found.record("p-71ab", "c-9f2e", "entrance-in")
    assert (record.cardholder.category, record.credential.valid_until) == ("agency", utc("2027-04-01 00:00"))
    assert record.rules[0].access_point == "entrance-in"
    assert record.rules[0].schedule.windows == SHIFT.windows
    assert (found.pin, found.lockdowns, found.presence_known) == (PinResult.WRONG, {SITE}, True)
    assert dict(found.doors) == {"archive": DoorFacts(DoorMode.CARD, is_open=True)}


def test_rules_asked_again_say_the_same_of_what_was_kept() -> None:
    for request, facts in situations():
        assert request.record is not None
        plain = json.loads(json.dumps(encode_facts(request, request.record, NOON, facts)))
        seen = decode_facts(plain)
        assert seen is not None
        record = seen.record(request.record.cardholder.id, request.record.credential.id, request.access_point)
        again = replace(request, record=record, pin=seen.pin)
        presence = facts.presence if seen.presence_known else None
        then = replace(Facts(facts.site, facts.book, presence), lockdowns=seen.lockdowns, doors=seen.doors)
        assert decide(again, NOON, then) == decide(request, NOON, facts)


def test_what_is_kept_holds_no_name_and_no_reference() -> None:
    _, text = seen_of()
    for word in ("山田", "p-71ab", "c-9f2e", "BEEF"):
        assert word not in text


def test_clock_in_doubt_keeps_the_newest_trusted_time_too() -> None:
    record = badge()
    for now, kept_time in (
        (at("2026-11-25 12:00", not_before="2026-11-25 11:00"), None),
        (at("2026-11-25 12:00", not_before="2026-11-25 13:00"), utc("2026-11-25 13:00")),
        (
            at("2026-11-25 12:00", clock=ClockState.UNTRUSTED, not_before="2026-11-25 11:00"),
            utc("2026-11-25 11:00"),
        ),
    ):
        found = decode_facts(encode_facts(tap(record), record, now, PLAIN_FACTS))
        assert found is not None
        assert found.not_before == kept_time


def test_too_many_schedules_are_left_out_and_it_is_reported() -> None:
    many = tuple(replace(SHIFT, name=f"Shift {number}") for number in range(40))
    record = badge(schedules=many)
    plain = encode_facts(tap(record), record, NOON, PLAIN_FACTS)
    assert len(json.dumps(plain)) < MOST_CHARACTERS
    found = decode_facts(plain)
    assert found is not None
    assert (found.complete, found.rules) == (False, ())


def test_usual_refusal_stays_well_below_a_kibibyte() -> None:
    _, text = seen_of(Facts(TOKYO, lockdowns=frozenset({SITE})))
    assert len(text.encode()) < 700, text


def test_what_another_program_kept_is_not_understood() -> None:
    assert decode_facts("x") is None
    assert decode_facts({"cardholder": {"id": "", "name": "", "status": "promoted"}}) is None


def test_refusal_keeps_what_was_seen_and_a_plain_grant_keeps_nothing() -> None:
    refused, *_ = Decision(PLAIN_FACTS).handle(tap(badge(status=CredentialStatus.LOST)), NOON)
    assert isinstance(refused, RecordEvent)
    found = decode_facts(refused.event.details["seen"])
    assert found is not None
    assert found.credential.status is CredentialStatus.LOST
    granted, *_ = Decision(PLAIN_FACTS).handle(tap(badge()), NOON)
    assert "seen" not in granted.grant.details  # type: ignore[union-attr]

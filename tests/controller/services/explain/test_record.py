"""Why was this refused: from the record, and the rules and log of that time, after any later change."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from controller.errors import NotFound, NotPermitted
from controller.model.credentials import Assurance
from controller.model.operators import MACHINE
from controller.model.reasons import DenyReason
from controller.model.rules.dual_access import DualAccessSetting
from controller.model.rules.order import RuleName
from controller.model.rules.qualifications import QualificationsSetting
from controller.model.rules.setting import RuleMode
from controller.model.signals import CardPresented, CardRefused
from controller.model.unproved import REASON_OF, Unproved
from controller.registry import standing
from controller.registry.standing import Standing
from controller.services.access import levels
from controller.services.explain.person import ExplainNote, RuleResult, explain
from controller.services.explain.record import ExplainedRecord, explain_record
from controller.services.people import badges, people
from controller.services.rules import books as rule_books
from controller.services.site import Site
from tests.controller.erasure import erase, without_waiting
from tests.controller.issuing_side import issued
from tests.controller.runtime.test_card_keys import give
from tests.controller.services.floor_book import book
from tests.controller.site import BADGE, STRANGER, Door, admit, make_site, running_door
from tests.controller.unrecorded import unrecorded
from tests.sample_site import VIEWER
from tests.waiting import until


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with make_site(tmp_path / "data") as site:
        without_waiting(site)
        yield site


@pytest.fixture
def door(site: Site) -> Iterator[Door]:
    with running_door(site) as door:
        yield door


def explained(site: Site, seq: int) -> ExplainedRecord:
    return explain_record(site.acting(MACHINE), seq)


def deciding(found: ExplainedRecord) -> str | None:
    return next((line.title for line in found.explained.explanation.rules if line.decides), None)


def test_refusal_stays_explained_after_badge_and_person_changed(site: Site, door: Door) -> None:
    badge = admit(site)
    badges.report_lost(site.acting(MACHINE), badge, "left in the train")
    door.present("entrance-in")
    refused = door.wait_for("access_denied")[0]
    found = explained(site, refused["seq"])
    assert (found.reason, found.same, deciding(found)) == ("credential_lost", True, "credential_status")
    assert found.explained.notes == (ExplainNote.AS_KEPT,)
    assert (found.explained.name, found.explained.last_four) == ("山田 花子", "A1B2")

    badges.resume(site.acting(MACHINE), badge)
    person = badges.get(site.acting(MACHINE), badge).person_id
    people.edit(site.acting(MACHINE), person, "山田 華子", levels=[])
    again = explained(site, refused["seq"])
    assert (again.same, deciding(again)) == (True, "credential_status")
    assert [line.result for line in again.explained.explanation.rules].count(RuleResult.REFUSES) == 1


def test_refusal_by_an_older_book_is_explained_by_that_book(site: Site, door: Door) -> None:
    admit(site)
    first = rule_books.publish(site.acting(MACHINE), book(), "first")
    level = levels.all_levels(site.acting(MACHINE))[0]
    levels.edit(site.acting(MACHINE), level.id, level.name, [])
    refused = until(lambda: _tapped(door, rules=first), what="a refusal by the new rules")
    rule_books.publish(site.acting(MACHINE), book(), "second")
    levels.edit(
        site.acting(MACHINE),
        level.id,
        level.name,
        [(r.access_point, r.schedule_id) for r in level.rules],
    )
    found = explained(site, refused)
    assert (found.reason, found.same, found.explained.rules_version) == ("no_access_here", True, first)


def _tapped(door: Door, rules: int) -> int:
    """The number of the record, once the door decides by these rules."""
    kinds = ("access_denied", "access_waiting")
    before = len(door.log(*kinds))
    door.present("entrance-in")
    line = door.wait_for(*kinds, count=before + 1)[-1]
    return int(line["seq"]) if line.get("rules") == rules else 0


def _counts_leaving(door: Door) -> bool:
    """Until the log has been read no rule refuses for who is inside, and the record says so."""
    before = len(door.log("access_granted"))
    door.present("entrance-out")
    line = door.wait_for("access_granted", count=before + 1)[-1]
    return "presence_unknown" not in line


def test_grant_is_explained_by_the_registry_as_it_is_now_and_says_so(site: Site, door: Door) -> None:
    badge = admit(site)
    door.present("entrance-in")
    granted = door.wait_for("access_granted")[0]["seq"]
    found = explained(site, granted)
    assert (found.result, found.same, deciding(found)) == ("granted", True, None)
    assert ExplainNote.NOTHING_KEPT in found.explained.notes
    badges.report_lost(site.acting(MACHINE), badge)
    assert explained(site, granted).same is False


def test_card_nobody_entered_is_explained_by_that(site: Site, door: Door) -> None:
    door.present("entrance-in", STRANGER)
    refused = door.wait_for("access_denied")[0]["seq"]
    found = explained(site, refused)
    assert (found.reason, found.same, deciding(found)) == ("credential_unknown", True, "credential_known")
    assert found.explained.person is None


def test_leaving_with_a_lost_badge_decides_nothing(site: Site, door: Door) -> None:
    badges.report_lost(site.acting(MACHINE), admit(site))
    door.present("entrance-out")
    found = explained(site, door.wait_for("access_granted")[0]["seq"])
    assert (found.warnings, found.same, deciding(found)) == (("credential_lost",), True, None)
    assert found.explained.explanation.admitted


def test_erased_person_leaves_only_the_record(site: Site, door: Door) -> None:
    badge = admit(site)
    badges.suspend(site.acting(MACHINE), badge)
    door.present("entrance-in")
    refused = door.wait_for("access_denied")[0]["seq"]
    person = badges.get(site.acting(MACHINE), badge).person_id
    erase(site, person, site.now(), "asked for it")
    door.wait_for("person_erased")
    found = explained(site, refused)
    assert (found.reason, found.explained.name) == ("credential_suspended", "")
    assert ExplainNote.ERASED in found.explained.notes


def test_line_that_is_not_a_tap_is_refused_in_one_sentence(site: Site, door: Door) -> None:
    started = door.wait_for("service_started")[0]["seq"]
    with pytest.raises(NotFound, match="is not a tap"):
        explained(site, started)
    with pytest.raises(NotFound, match=r"no record No\. 999"):
        explained(site, 999)
    with pytest.raises(NotPermitted):
        explain_record(site.acting(VIEWER), started)


def test_badge_shown_is_the_one_of_the_record(site: Site, door: Door) -> None:
    badge = admit(site)
    badges.suspend(site.acting(MACHINE), badge)
    person = badges.get(site.acting(MACHINE), badge).person_id
    badges.add(site.acting(MACHINE), person, STRANGER.hex)
    door.present("entrance-in", BADGE)
    found = explained(site, door.wait_for("access_denied")[0]["seq"])
    assert (found.explained.last_four, found.same) == ("A1B2", True)


def test_rules_and_person_changed_since_leave_the_old_reason_explained(site: Site, door: Door) -> None:
    badge = admit(site)
    strict = book({RuleName.QUALIFICATIONS: QualificationsSetting(RuleMode.ENFORCE, ("nda",))})
    first = rule_books.publish(site.acting(MACHINE), strict, "first")
    refused = until(lambda: _tapped(door, rules=first), what="a refusal by the new rules")
    person = badges.get(site.acting(MACHINE), badge).person_id
    with unrecorded(site.registry) as db:
        standing.save_standing(db, person, Standing("sv", (("nda", date(2030, 1, 1)),)))
    rule_books.publish(site.acting(MACHINE), book(), "second")
    found = explained(site, refused)
    assert (found.reason, found.same, deciding(found)) == ("qualification_missing", True, "qualifications")
    assert found.explained.rules_version == first
    [rule] = [one for one in found.explained.explanation.rules if one.title == "qualifications"]
    assert rule.observations["holds_until"] == {"nda": None}
    now = explain(site.acting(MACHINE), person, "entrance-in")
    assert (now.explanation.admitted, now.rules_version) == (True, first + 1)


def test_two_admit_together_are_each_explained_by_the_other(site: Site, door: Door) -> None:
    admit(site)
    admit(site, STRANGER, "佐藤 太郎")
    pairs = book({RuleName.DUAL_ACCESS: DualAccessSetting(RuleMode.ENFORCE, 60)})
    first = rule_books.publish(site.acting(MACHINE), pairs, "first")
    until(lambda: _counts_leaving(door), what="who is inside is known at the door")
    waited = until(lambda: _tapped(door, rules=first), what="a tap that waits by the new rules")
    before = len(door.log("access_granted"))
    door.present("entrance-in", STRANGER)
    granted = door.wait_for("access_granted", count=before + 2)[-2:]
    found = explained(site, waited)
    assert (found.result, found.same, deciding(found)) == ("waiting", True, "dual_access")
    for line in granted:
        found = explained(site, line["seq"])
        assert (found.result, found.same, deciding(found)) == ("granted", True, None)
        assert ExplainNote.TOGETHER in found.explained.notes


@pytest.mark.parametrize("how", list(Unproved))
def test_card_that_was_not_mistaken_for_its_badge_is_explained_by_how_it_failed(
    site: Site, door: Door, how: Unproved
) -> None:
    admit(site)
    give(site, issued(site, BADGE.hex))
    door.service.on_reader_signal(CardPresented("entrance-in", BADGE, unproved=how))
    refused = door.wait_for("access_denied")[0]
    found = explained(site, refused["seq"])
    assert (found.reason, found.same, deciding(found)) == (REASON_OF[how].value, True, "authentication")
    assert found.assurance is None
    by_title = {line.title: line for line in found.explained.explanation.rules}
    assert by_title["credential_known"].observations == {"known": True}
    assert by_title["authentication"].observations == {"unproved": how.value, "shown": 0}


def test_number_nobody_could_read_is_asked_of_no_rule(site: Site, door: Door) -> None:
    door.service.on_reader_signal(CardRefused("entrance-in", DenyReason.CARD_UNREADABLE))
    found = explained(site, door.wait_for("access_denied")[0]["seq"])
    assert found.explained.notes == (ExplainNote.NO_RULE_ASKED,)
    assert (found.same, found.explained.explanation.rules) == (None, ())


def test_grant_says_what_the_card_proved(site: Site, door: Door) -> None:
    admit(site)
    door.service.on_reader_signal(CardPresented("entrance-in", BADGE, Assurance.CARD_KEY))
    assert explained(site, door.wait_for("access_granted")[0]["seq"]).assurance is Assurance.CARD_KEY

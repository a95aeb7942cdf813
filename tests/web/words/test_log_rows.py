"""A line of the log in words."""

import pytest

from controller.config import Config
from controller.model.events import SECTION_OF, EventType
from controller.services.log.entry_log import LogEntry
from tests.sample_site import NOW, later
from web.words.log_row_html import row_labels
from web.words.log_rows import LogRow, log_row
from web.words.words import Words

ENTRY = LogEntry(
    seq=7,
    utc=NOW.utc,
    type="access_granted",
    section="granted",
    door="entrance",
    access_point="entrance-in",
    reader="entrance-in",
    direction="in",
    result="granted",
    reason=None,
    assurance=0,
    person="p1",
    credential="c1",
    actor=None,
    clock="trusted",
    boot="0" * 32,
    mono_ms=1,
    registry=1,
    config="abc",
    codes={},
    details={"name": "見本 花子", "last_four": "FFEE"},
)


def row(config: Config, language: str = "en", **fields: object) -> LogRow:
    words = Words.of_site(config, language)
    return log_row(ENTRY._replace(**fields), words)  # type: ignore[arg-type]


def test_grant_names_person_badge_door_and_direction(config: Config) -> None:
    found = row(config, "ja")
    assert (found.who, found.badge, found.where, found.direction) == ("見本 花子", "FFEE", "入口", "入室")
    assert (found.mood, found.sign, found.what, found.why) == ("good", "✓", "許可", "")
    assert found.moment == "2026-11-24 15:00:00"


def test_refusal_tells_why(config: Config) -> None:
    found = row(config, type="access_denied", reason="outside_schedule")
    assert (found.mood, found.what, found.why) == ("bad", "Refused", "Outside the permitted hours")


@pytest.mark.parametrize(
    ("language", "what"), [("en", "Waiting for a second person"), ("ja", "2人目のタッチ待ち")]
)
def test_first_of_two_waits_and_is_not_refused(config: Config, language: str, what: str) -> None:
    found = row(config, language, type="access_waiting", result="waiting", reason="second_person_needed")
    assert (found.mood, found.what, found.why) == ("calm", what, "")
    assert found.explained


def test_override_in_a_lockdown_is_a_remark(config: Config) -> None:
    found = row(config, codes={"warning": "lockdown_overridden"})
    assert (found.mood, found.why) == ("good", "Noted: Lockdown, overridden by this person")


def test_leaving_against_the_rules_is_noted_and_not_refused(config: Config) -> None:
    found = row(config, direction="out", codes={"warning": "credential_lost"})
    assert found.mood == "good"
    assert found.why == "Leaving is always allowed; noted: Badge reported lost"


def test_each_warning_is_reported_and_what_a_rule_only_observed(config: Config) -> None:
    both = row(config, direction="out", codes={"warning": "credential_lost,last_supervisor_left"})
    assert both.why == (
        "Leaving is always allowed; noted: Badge reported lost, "
        "The last supervisor has left while others remain"
    )
    soon = row(config, codes={"warning": "qualification_ends_soon", "observed": "occupancy_full"})
    assert soon.why == (
        "Noted: A qualification expires soon · Observed only; would have been refused: The area is full"
    )
    unknown = row(config, codes={"presence_unknown": 1, "with": "p2"})
    assert unknown.why == "Together with a second person · The door did not know yet who was inside"


def test_outcome_points_at_its_grant(config: Config) -> None:
    found = row(config, type="access_outcome", result="not_opened", codes={"of": 5}, details=None)
    assert (found.what, found.why, found.who) == ("The door was not opened", "of No. 5", "")


def test_operators_action_tells_what_changed(config: Config) -> None:
    details = {"operator": "Admin", "before": {"status": "active"}, "after": {"status": "lost"}}
    codes = {"action": "badge_lost", "object_type": "badge"}
    found = row(config, type="operator_action", codes=codes, details=details, person=None, door=None)
    assert (found.who, found.what, found.why) == ("Admin", "Badge reported lost", "State: Active → Lost")


def test_action_of_the_command_line_is_named_in_the_language(config: Config) -> None:
    found = row(config, "ja", type="operator_action", actor="machine", details={"operator": "command line"})
    assert found.who == "コマンド操作"


def test_erased_details_leave_the_rest(config: Config) -> None:
    found = row(config, details=None)
    assert (found.who, found.badge, found.what) == ("", "", "Granted")


def test_erased_person_is_as_erased_and_leads_to_the_other_records(config: Config) -> None:
    assert row(config, details=None, erased=True).who == "(erased)"
    assert row(config, "ja", details=None, erased=True).who == "（消去済み）"
    assert row(config, details=None, erased=True).person == "p1"
    found = row(config, type="person_erased", details=None, codes={"erasure": 1, "records": 1234})
    assert (found.who, found.why) == ("(erased)", "records about this person: 1,234")


def test_erased_texts_of_an_operators_action_are_reported(config: Config) -> None:
    codes = {"action": "person_changed", "object_type": "person"}
    found = row(config, type="operator_action", codes=codes, details=None, erased=True, person=None)
    assert (found.what, found.why) == ("Person changed", "(names and texts erased)")


def test_true_time_is_shown_only_where_the_clock_was_in_doubt(config: Config) -> None:
    words = Words.of_site(config, "en")
    true = later(minutes=12).utc
    doubtful = ENTRY._replace(clock="untrusted")
    assert log_row(doubtful, words, true).true_moment == "2026-11-24 15:12:00"
    assert log_row(doubtful, words, None).true_moment == ""
    assert log_row(ENTRY, words, true).true_moment == ""


def test_doubtful_clock_is_marked(config: Config) -> None:
    assert row(config, clock="untrusted").clock_doubtful
    assert not row(config, clock="holdover").clock_doubtful


def test_every_type_makes_a_row_in_both_languages(config: Config) -> None:
    assert [
        (kind, language)
        for kind in EventType
        for language in ("ja", "en")
        if not row(config, language, type=kind.value, section=SECTION_OF[kind].value).what
    ] == []


def test_type_of_a_newer_program_is_shown_as_it_is(config: Config) -> None:
    assert row(config, type="moon_rose").what == "moon_rose"


@pytest.mark.parametrize(
    ("assurance", "english", "japanese"), [(0, "can be copied", "複製できる"), (2, "key proved", "鍵を確認")]
)
def test_entry_says_whether_its_badge_can_be_copied(
    config: Config, assurance: int, english: str, japanese: str
) -> None:
    assert row(config, assurance=assurance).proved == english
    assert row(config, "ja", assurance=assurance).proved == japanese
    assert row(config, assurance=assurance).proved_long


def test_leaving_a_refusal_and_what_is_not_a_tap_say_nothing_of_it(config: Config) -> None:
    assert row(config, direction="out").proved == ""
    assert row(config, type="access_denied", reason="credential_lost").proved == ""
    assert row(config, type="door_opened", assurance=None).proved == ""


def test_card_that_did_not_prove_its_key_says_how(config: Config) -> None:
    fields = {"type": "access_denied", "reason": "authentication_failed", "codes": {"unproved": "left"}}
    why = row(config, **fields).why
    assert why.startswith("Badge key not proved · The card left the reader before it proved its key.")


def test_label_of_a_rows_link_names_its_number_in_both_languages() -> None:
    labels = {f"{one.before_why}812{one.behind_why}" for one in map(row_labels, (Words("en"), Words("ja")))}
    assert labels == {"Why? No. 812", "理由 No. 812"}

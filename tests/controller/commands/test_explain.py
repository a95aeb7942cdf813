"""`genkan explain`: sentences for people, codes for programs, one sentence for what cannot be asked."""

import json
from pathlib import Path

import pytest

from controller.model.events import EventType
from controller.services.acting import Acting
from tests.controller.commands.command import done, genkan, refused
from tests.controller.commands.logged import journal_of
from tests.sample_site import NOW


@pytest.fixture
def staffed(data: Path) -> Path:
    done(genkan("badge", "add", "--data", data, "--holder", "山田 花子", "--idm", "0101031284C0AAAA"))
    return data


def explain_words(data: Path, *more: str) -> list[str]:
    return ["explain", "--data", str(data), "--cardholder", "山田 花子", *more]


def test_every_rule_is_reported_in_a_line_and_one_decides(staffed: Path) -> None:
    lines = done(
        genkan(*explain_words(staffed, "--access-point", "entrance-in", "--at", "2099-11-25 22:30"))
    ).lines
    assert (
        lines[0]
        == "山田 花子 at entrance-in, 2099-11-25 22:30:00: Cannot enter: No access level for this door"
    )
    assert [line for line in lines if line.startswith("=>")] == [
        "=> Access level: Refuses: No access level for this door. None of the person's access levels "
        "opens this access point. This decides."
    ]
    assert any(line.startswith("   Enrolment: Passes.") for line in lines)
    assert lines[-2].startswith("This time is in the future")


def test_json_holds_codes_for_every_rule(staffed: Path) -> None:
    [line] = done(genkan(*explain_words(staffed, "--access-point", "entrance-in", "--json"))).lines
    explained = json.loads(line)
    assert (explained["person"], explained["admitted"], explained["refusal"]) == (
        "山田 花子",
        False,
        "no_access_here",
    )
    [decides] = [rule for rule in explained["rules"] if rule["decides"]]
    assert (decides["rule"], decides["result"], decides["observations"]) == (
        "access_level",
        "refuses",
        {"rules": 0, "hold": 0, "ended": None, "begins": None},
    )
    assert explained["rules"][0] == {
        "rule": "credential_known",
        "mode": "enforce",
        "observations": {"known": True},
        "result": "passes",
        "answer": None,
        "decides": False,
    }


def test_record_of_the_log_is_explained(data: Path) -> None:
    with journal_of(data) as journal:
        from controller.model.events import Event

        refused_tap = Event(
            EventType.ACCESS_DENIED,
            NOW,
            door="entrance",
            access_point="entrance-in",
            direction="in",
            result="denied",
            reason="credential_unknown",
        )
        [seq] = journal.append([refused_tap])
    answer = done(genkan("explain", "--data", data, "--record", str(seq)))
    assert answer.lines[0].endswith(f"No. {seq}: Refused: Unknown badge")
    assert answer.lines[-1] == "A new check has the same result as the record."
    explained = json.loads(done(genkan("explain", "--data", data, "--record", str(seq), "--json")).text)
    assert (explained["record"], explained["reason"], explained["same"], explained["refusal"]) == (
        seq,
        "credential_unknown",
        True,
        "credential_unknown",
    )


def test_what_cannot_be_asked_is_one_sentence(staffed: Path) -> None:
    point = ("--access-point", "entrance-in")
    assert "Nobody is called 'Nobody'" in refused(
        genkan("explain", "--data", staffed, "--cardholder", "Nobody", *point)
    )
    assert "There is no access point back-door" in refused(
        genkan(*explain_words(staffed, "--access-point", "back-door"))
    )
    assert "This is not a time" in refused(genkan(*explain_words(staffed, *point, "--at", "25:00")))
    for empty in ("", " "):
        assert "This is not a time" in refused(genkan(*explain_words(staffed, *point, "--at", empty)), 2)
    assert "There is no record No. 77" in refused(genkan("explain", "--data", staffed, "--record", "77"))
    for arguments in (
        explain_words(staffed),
        ["explain", "--data", str(staffed)],
        explain_words(staffed, "--record", "1"),
    ):
        refused(genkan(*arguments), 2)


def test_two_of_one_name_are_distinguished_by_reference(staffed: Path) -> None:
    from controller.commands.options import open_site_to_write
    from controller.model.operators import MACHINE
    from controller.services.people import people

    with open_site_to_write(staffed) as site:
        people.add(Acting(site, MACHINE, NOW), "山田 花子")
        references = [one.id for one in people.named(site.acting(MACHINE), "山田 花子")]
    refusal = refused(genkan(*explain_words(staffed, "--access-point", "entrance-in")))
    assert refusal.startswith(
        "genkan: 2 people are called '山田 花子'; give --person one of these references"
    )
    answers = [
        genkan("explain", "--data", staffed, "--reference", one, "--access-point", "entrance-in").status
        for one in references
    ]
    assert sorted(answers) == [0, 1]  # one of them has no badge

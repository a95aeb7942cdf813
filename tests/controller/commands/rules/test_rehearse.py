"""`genkan rules rehearse`: what a file of rules would have changed, and that it changes nothing itself."""

import json
from pathlib import Path

import pytest

from controller.commands.options import open_site_to_write
from controller.model.events import Event, EventType
from controller.model.operators import MACHINE
from controller.services.access import levels, schedules
from controller.services.acting import Acting
from controller.services.people import badges, people
from tests.controller.commands.command import done, genkan, refused
from tests.controller.commands.logged import journal_of

STRICT = """
[qualifications.nda]
label_en = "Confidentiality agreement"
label_ja = "秘密保持誓約"
[areas.floor]
label_en = "Floor"
label_ja = "フロア"
entries = ["entrance-in"]
exits = ["entrance-out"]
[areas.floor.rules.qualifications]
mode = "enforce"
required = ["nda"]
"""


@pytest.fixture
def tapped(data: Path) -> Path:
    with open_site_to_write(data) as site:
        now = site.now()
        always = next(s for s in schedules.all_schedules(Acting(site, MACHINE, now)) if s.always)
        level = levels.add(Acting(site, MACHINE, now), "Staff", [("entrance-in", always.id)])
        person = people.add(Acting(site, MACHINE, now), "山田 花子", levels=[level.id])
        badge = badges.add(Acting(site, MACHINE, now), person.id, "0101031284C0AAAA")
    with journal_of(data) as journal:
        journal.append(
            [
                Event(
                    EventType.ACCESS_GRANTED,
                    now,
                    door="entrance",
                    access_point="entrance-in",
                    direction="in",
                    result="granted",
                    person=person.id,
                    credential=badge.id,
                )
            ]
        )
    return data


def test_changes_are_counted_and_listed(tapped: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(STRICT, "utf-8")
    lines = done(genkan("rules", "rehearse", "--data", tapped, file)).lines
    assert lines[0].startswith("1 taps since ")
    assert lines[0].endswith("; 1 would have ended differently.")
    assert lines[1] == "      1  Admitted -> A required qualification is missing"
    assert lines[2].endswith("entrance-in  山田 花子  Admitted -> A required qualification is missing")
    summary, change = map(
        json.loads, done(genkan("rules", "rehearse", "--data", tapped, file, "--json")).lines
    )
    assert (summary["taps"], summary["changes"], summary["in_force"]) == (1, 1, 0)
    assert (change["person"], change["before"], change["after"]) == (
        "山田 花子",
        None,
        "qualification_missing",
    )
    assert change["follows"] is False and summary["unmade"] == 0
    assert done(genkan("rules", "versions", "--data", tapped)).lines == []


def test_file_that_could_not_be_published_is_not_rehearsed(tapped: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(STRICT.replace("entrance-in", "back-door"), "utf-8")
    assert "There is no access point back-door" in refused(
        genkan("rules", "rehearse", "--data", tapped, file)
    )
    file.write_text('[levels.Staff]\nentrance-in = "Night"\n', "utf-8")
    assert "There is no schedule named Night" in refused(genkan("rules", "rehearse", "--data", tapped, file))


def test_schedules_and_levels_of_the_file_are_included(tapped: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    times = '[schedules.Day]\nmon = ["09:00-18:00"]\n[levels.Staff]\nentrance-out = "Day"\n'
    file.write_text(times, "utf-8")
    before = done(genkan("rules", "export", "--data", tapped)).text
    lines = done(genkan("rules", "rehearse", "--data", tapped, file)).lines
    assert lines[1:4] == [
        "Schedules of the file that differ from the current ones: Day.",
        "Access levels of the file that differ from the current ones: Staff.",
        "      1  Admitted -> No access level for this door",
    ]
    whole = genkan("rules", "rehearse", "--data", tapped, file, "--json")
    summary, change = map(json.loads, done(whole).lines)
    assert (summary["schedules"], summary["levels"]) == (["Day"], ["Staff"])
    assert (change["before"], change["after"]) == (None, "no_access_here")
    assert done(genkan("rules", "export", "--data", tapped)).text == before


def test_ctrl_c_leaves_a_rehearsal_with_one_sentence(
    tapped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    file = tmp_path / "rules.toml"
    file.write_text(STRICT, "utf-8")
    monkeypatch.setattr("controller.services.rules.rehearse_taps.facts_after", interrupted)
    assert refused(genkan("rules", "rehearse", "--data", tapped, file)).endswith(
        "The rehearsal was stopped before its end; nothing was changed."
    )
